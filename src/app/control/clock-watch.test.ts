import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClockWatch } from './clock-watch.ts';

test('a clock that is set is seen once, one that is kept in step is not', () => {
  const at = { wall: 1_000_000, mono: 0 };
  const watch = new ClockWatch({ now: () => at.wall, monotonic: () => at.mono });
  const after = (wallMs: number, monoMs: number): number => {
    at.wall += wallMs;
    at.mono += monoMs;
    return watch.look();
  };
  assert.equal(after(3_600_000, 3_600_000), 0);
  assert.equal(after(1500, 1000), 0);
  assert.equal(after(2_592_001_000, 1000), 2_592_000_500);
  assert.equal(after(1000, 1000), 0);
  assert.deepEqual(watch.health(), {
    state: 'degraded',
    code: 'clock-jumped',
    reason: 'the clock jumped 43200 minutes ahead, to 1970-01-31T01:16:42.500Z',
  });
  assert.equal(after(3_600_000, 3_600_000), 0);
  assert.deepEqual(watch.health(), { state: 'ok' });
  assert.equal(after(-2_592_000_000, 0), -2_592_000_000);
  assert.match(JSON.stringify(watch.health()), /43200 minutes back/);
  // By and by is a jump, too.
  for (let count = 0; count < 20; count++) assert.equal(after(1000, 0), 0);
  assert.equal(after(10_000, 0), 30_000);
});
