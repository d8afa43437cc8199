import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diskHealth, healthOfDisk } from '../disk.io.ts';
import { judgeDisk } from './data-dir.io.ts';
import { clockFindings } from './egress.ts';
import { judgeDescriptors, memoryCheck, nodeCheck } from './machine.io.ts';
import { dateIn, place, type Probe } from './outbound.io.ts';

const GIB = 1024 ** 3;
const NOW = Date.UTC(2026, 0, 1);

test('what a machine must have', () => {
  assert.equal(nodeCheck('24.21.0').state, 'ok');
  assert.equal(nodeCheck('24.10.9').state, 'problem');
  assert.equal(nodeCheck('25.0.0').state, 'ok');
  assert.equal(memoryCheck(2 * GIB).state, 'ok');
  assert.equal(memoryCheck(GIB / 2).state, 'warning');
  // Two descriptors a connection, shared by the edges.
  assert.equal(judgeDescriptors(50_000, 40_000, 2).state, 'ok');
  assert.equal(judgeDescriptors(40_000, 40_000, 2).state, 'warning');
  assert.match(judgeDescriptors(1024, 40_000, 2).hint, /LimitNOFILE=41024/);
  assert.equal(judgeDescriptors(1024, 40_000, 2).state, 'problem');
});

test('a disk runs out by bytes, by share and by inodes, or is away', async () => {
  const space = { free: 100 * GIB, total: 200 * GIB, inodes: 1000, inodesFree: 900 };
  assert.equal(judgeDisk('/d', space, GIB / 4).state, 'ok');
  assert.equal(judgeDisk('/d', { ...space, free: GIB }, GIB / 4).state, 'warning');
  assert.equal(judgeDisk('/d', { ...space, free: GIB / 8 }, GIB / 4).state, 'problem');
  assert.match(judgeDisk('/d', { ...space, inodesFree: 9 }, GIB / 4).detail, /9 of 1000 inodes/);
  assert.equal(judgeDisk('/d', { ...space, inodes: 0, inodesFree: 0 }, GIB / 4).state, 'ok');
  const codes = [GIB / 8, 1000].map((free) => diskHealth('/d', { ...space, free }, GIB / 4));
  assert.deepEqual(
    codes.map((health) => health.state !== 'ok' && health.code),
    ['disk-low', 'disk-full'],
  );
  // A small disk is no reason to complain as long as a tenth is free.
  assert.equal(judgeDisk('/d', { ...space, free: GIB, total: 4 * GIB }, GIB / 4).state, 'ok');
  assert.match(JSON.stringify(await healthOfDisk('/no/such/folder', GIB)), /cannot be used: ENOENT/);
});

test('the clock is compared with the middle of several servers, and with what was recorded', () => {
  const outside = place('feed a', 'https://a.example/', undefined)!;
  const probe = (aheadMs: number): Probe => ({ outcome: 'open', outside, dateMs: NOW + aheadMs });
  const look = (probes: readonly Probe[], lastKnownMs?: number) =>
    clockFindings({ nowMs: NOW, lastKnownMs, probes })[0]!;
  assert.equal(look([]).state, 'ok');
  assert.equal(look([probe(20_000)]).state, 'ok');
  assert.equal(look([probe(120_000)]).state, 'warning');
  assert.match(look([probe(120_000)]).detail, /120 s behind a\.example/);
  assert.equal(look([probe(0), probe(3_600_000), probe(0)]).state, 'ok');
  assert.equal(look([probe(3_600_000), probe(3_600_000)]).state, 'problem');
  assert.match(look([], NOW + 86_400_000).detail, /it went back/);
});

test('the date of an answer, and what is no place', () => {
  assert.equal(dateIn('HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n'), NOW);
  assert.equal(dateIn('HTTP/1.1 200 OK\r\nX-Date: x\r\n\r\n'), undefined);
  assert.equal(dateIn('HTTP/1.1 200 OK\r\nDate: tomorrow\r\n\r\n'), undefined);
  for (const url of ['ftp://a.example/', 'a.example', 7, undefined]) {
    assert.equal(place('x', url, undefined), undefined);
  }
});
