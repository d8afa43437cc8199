import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { scopeOf, tempDir } from '../../../test/support/scope.ts';
import type { EventItem } from '../events/index.ts';
import { openState } from '../state/index.ts';
import { createLogTargets, logTargetsSection } from './index.ts';

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const LIMITS = {
  targetsMax: 8,
  queueBytesMax: 256 * 1024 * 1024,
  messageBytesMax: 65_536,
  connectMs: 2000,
  idleMs: 600_000,
  // Longer than a busy machine takes to fill the buffers: what settles before is not sent again.
  settleMs: 10_000,
  retryMaxMs: 200,
  folders: [],
  fileBytesMax: 1024 ** 3,
};
/** More than the buffers of two sockets hold: about 40 MB. */
const EVENTS = 40_000;
const PADDING = 'p'.repeat(600);

function item(number: number): EventItem {
  return {
    id: `e${number}`,
    time: '2026-11-24T12:00:00.000Z',
    type: 'decision.block',
    severity: 'info',
    target: `http://bad.example/${PADDING}`,
    count: 1,
    details: {},
  };
}

for (const end of ['the receiver dies', 'the gateway stops, which does not wait'] as const)
  test(`what a receiver that hung took into its buffers is sent again when ${end}`, async (t) => {
    const scope = scopeOf(t);
    const clock = { now: () => Date.now(), monotonic: () => performance.now() };
    const dataDir = await tempDir(scope, 'targets');
    const state = await openState({ dataDir, clock, log: silent, sections: [logTargetsSection] });
    scope.after(() => state.close());

    const sockets = new Set<Socket>();
    const hung = { now: true };
    const read: string[] = [];
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
      if (hung.now) {
        socket.pause();
        return;
      }
      socket.setEncoding('latin1').on('data', (text: string) => void read.push(text));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    scope.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });

    const open = async () => {
      const targets = createLogTargets({
        dataDir,
        state,
        version: '1.0.0',
        log: silent,
        limits: () => LIMITS,
        ...clock,
      });
      await targets.open();
      return targets;
    };
    const targets = await open();
    const { port } = server.address() as AddressInfo;
    await targets.add('siem', { url: `syslog+tcp://127.0.0.1:${port}` }, 'tester');
    for (let at = 0; at < EVENTS; at += 1000)
      targets.offer(Array.from({ length: 1000 }, (_, more) => item(at + more)));
    const sentOf = (): number => targets.list()[0]!.status.sent;
    for (let before = -1; before !== sentOf() || before === 0;) {
      before = sentOf();
      await sleep(300);
    }
    assert.ok(sentOf() < EVENTS, 'the buffers are full');
    await sleep(LIMITS.settleMs + 200);
    // Waiting for the receiver would take longer than a test may.
    if (end !== 'the receiver dies') await targets.close();
    hung.now = false;
    for (const socket of sockets) socket.destroy();
    const again = end === 'the receiver dies' ? targets : await open();
    scope.after(() => again.close());
    const missing = (): readonly string[] => {
      const seen = new Set(Array.from(read.join('').matchAll(/externalId=(e\d+) /g), ([, id]) => id));
      return Array.from({ length: EVENTS }, (_, at) => `e${at}`).filter((id) => !seen.has(id));
    };
    for (let tries = 0; tries < 120 && missing().length > 0; tries++) await sleep(500);
    assert.deepEqual(missing().slice(0, 10), [], `${missing().length} are missing`);
  });
