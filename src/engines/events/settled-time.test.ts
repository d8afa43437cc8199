import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettledTime } from './settled-time.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 0, 1);

function lab(newestMs?: number) {
  const at = { wall: NOW, mono: 0 };
  const time = new SettledTime({ now: () => at.wall, monotonic: () => at.mono }, newestMs);
  /** Days from the beginning, as believed, after so many hours. */
  const after = (hours: number, jumpMs = 0): number => {
    at.wall += hours * HOUR + jumpMs;
    at.mono += hours * HOUR;
    return (time.now() - NOW) / DAY;
  };
  return { after };
}

test('a clock that goes on is believed, also when it is set by a little', () => {
  const { after } = lab();
  assert.deepEqual([after(0), after(24), after(48, HOUR)], [0, 1, 3 + 1 / 24]);
});

test('a jump of a month counts after a day, and not when it was taken back', () => {
  const back = lab();
  assert.equal(back.after(1, 31 * DAY), 1 / 24);
  assert.equal(back.after(12), 13 / 24);
  assert.equal(back.after(1, -31 * DAY), 14 / 24);
  assert.equal(back.after(24), 38 / 24);
  const kept = lab();
  kept.after(1, 31 * DAY);
  assert.equal(kept.after(23), 1);
  assert.equal(kept.after(1), 31 + 25 / 24);
});

test('a jump back is waited for as well', () => {
  const { after } = lab();
  assert.equal(after(24), 1);
  assert.equal(after(1, -31 * DAY), 25 / 24);
  assert.equal(after(24), -31 + 49 / 24);
});

test('after a start, what is newest says the time, unless it is of yesterday or today', () => {
  assert.equal(lab(NOW - DAY).after(0), 0);
  const jumped = lab(NOW - 31 * DAY);
  assert.equal(jumped.after(1), -30 + 1 / 24);
  assert.equal(jumped.after(24), 25 / 24);
});
