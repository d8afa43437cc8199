import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Neighbor } from './neighbor.io.ts';

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function neighborAt(clock: { now: number }): Neighbor {
  return new Neighbor({
    name: 'icap',
    code: 'icap-away',
    connectionsMax: 1,
    log: SILENT,
    now: () => clock.now,
  });
}

test('who waits for a place gets it, or is told that time is over, and takes none then', async () => {
  const neighbor = neighborAt({ now: 0 });
  assert.equal(await neighbor.enter(1000), true);
  assert.equal(await neighbor.enter(5), false);
  const waiting = neighbor.enter(600_000);
  neighbor.leave();
  assert.equal(await waiting, true);
  neighbor.leave();
  assert.equal(await neighbor.enter(5), true);
});

test('after a failure nobody waits for the next attempt, until it has rested or is back', () => {
  const clock = { now: 1000 };
  const neighbor = neighborAt(clock);
  assert.equal(neighbor.resting(), undefined);
  const failed = neighbor.failed(new Error('no route'));
  assert.deepEqual(failed, { kind: 'unavailable', detail: 'no route' });
  assert.deepEqual(neighbor.resting(), failed);
  clock.now += 500;
  assert.equal(neighbor.resting(), undefined);
  assert.deepEqual(neighbor.health(), {
    state: 'degraded',
    code: 'icap-away',
    reason: 'icap cannot be asked: no route',
  });
  neighbor.failed(new Error('no route'));
  neighbor.back();
  assert.equal(neighbor.resting(), undefined);
  assert.deepEqual(neighbor.health(), { state: 'ok' });
});
