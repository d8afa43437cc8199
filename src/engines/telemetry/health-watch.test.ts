import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Health, PartHealth } from '../../kernel/index.ts';
import { HealthWatch } from './health-watch.ts';

const BAD: Health = { state: 'down', code: 'clamd-away', reason: 'no answer' };
const WELL: Health = { state: 'ok' };
const BEGIN_MS = Date.UTC(2026, 0, 1);
const LIMITS = { settleMs: 10_000, flaps: 2, flapWindowMs: 100_000 };

/** One part on a clock of its own: each call moves it on and reports. */
function lab(limits = LIMITS) {
  const clock = { wall: BEGIN_MS, mono: 0 };
  const watch = new HealthWatch({ now: () => clock.wall, monotonic: () => clock.mono }, () => limits);
  const at = (seconds: number, health: Health): PartHealth => {
    clock.wall += seconds * 1000 - clock.mono;
    clock.mono = seconds * 1000;
    return watch.observe([{ part: 'scan', health }])[0]!;
  };
  return { at, watch, clock };
}

const since = ({ sinceMs }: PartHealth): number => (sinceMs - BEGIN_MS) / 1000;

test('bad is told at once, well after it has stayed well', () => {
  const { at } = lab();
  assert.equal(at(0, WELL).state, 'ok');
  const bad = at(5, BAD);
  assert.deepEqual(
    [bad.state, bad.code, bad.reason, since(bad), bad.falls],
    ['down', 'clamd-away', 'no answer', 5, 1],
  );
  at(20, BAD);
  const settling = at(21, WELL);
  assert.deepEqual([settling.state, settling.code, since(settling)], ['down', 'clamd-away', 5]);
  assert.match(settling.reason, /^no answer; it works again, and counts as well after 10 s$/);
  assert.equal(at(30, WELL).state, 'down');
  const well = at(31, WELL);
  assert.deepEqual([well.state, well.code, well.reason, since(well)], ['ok', undefined, '', 21]);
});

test('a part that falls again while it settles was bad all the time', () => {
  const { at } = lab();
  at(0, BAD);
  at(5, WELL);
  at(9, BAD);
  at(10, WELL);
  assert.equal(at(19, WELL).state, 'down');
  assert.equal(since(at(19, WELL)), 0);
  assert.equal(at(20, WELL).state, 'ok');
});

test('what flips too often is flapping, with how often, until a window was quiet', () => {
  const { at } = lab();
  for (const second of [0, 2, 4]) {
    at(second, BAD);
    at(second + 1, WELL);
  }
  const flapping = at(6, WELL);
  assert.deepEqual(
    [flapping.state, flapping.code, flapping.falls, since(flapping)],
    ['degraded', 'flapping', 3, 0],
  );
  assert.match(flapping.reason, /^it went bad 3 times within 100 s, last: no answer$/);
  // Settled, and fewer falls than the limit are left in the window: not quiet yet.
  assert.equal(at(103, WELL).code, 'flapping');
  assert.equal(at(104, WELL).state, 'ok');
});

test('a flapping part that stays bad is told as what it is', () => {
  const { at } = lab();
  for (const second of [0, 2, 4]) {
    at(second, BAD);
    at(second + 1, WELL);
  }
  assert.equal(at(6, BAD).code, 'flapping');
  assert.equal(at(15, BAD).code, 'flapping');
  const down = at(16, BAD);
  assert.deepEqual([down.state, down.code, since(down)], ['down', 'clamd-away', 0]);
  assert.equal(at(17, WELL).code, 'flapping');
});

test('what has only started needs no time to settle and did not fall', () => {
  const { at } = lab();
  const starting = at(0, { state: 'down', code: 'starting', reason: 'not listening' });
  assert.deepEqual([starting.state, starting.code, starting.falls], ['down', 'starting', 0]);
  const ready = at(1, WELL);
  assert.deepEqual([ready.state, ready.falls], ['ok', 0]);
  at(2, { state: 'down', code: 'starting', reason: 'not listening' });
  assert.equal(at(3, BAD).falls, 1);
});

test('a wall clock that is set changes no verdict, and a part that is gone is forgotten', () => {
  const { at, watch, clock } = lab();
  at(0, BAD);
  at(1, WELL);
  clock.wall += 30 * 86_400_000;
  const [settling] = watch.observe([{ part: 'scan', health: WELL }]);
  assert.equal(settling?.state, 'down');
  assert.deepEqual(watch.observe([]), []);
  assert.equal(at(2, WELL).state, 'ok');
});
