import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Patience } from './patience.ts';

/** A clock and its timers, by hand. */
function hand() {
  let now = 0;
  let started = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    clock: { now: () => now, monotonic: () => now },
    later(delayMs: number, run: () => void) {
      const timer = { at: now + delayMs, run };
      timers.add(timer);
      started++;
      return { cancel: () => void timers.delete(timer) };
    },
    started: () => started,
    left: () => timers.size,
    to(ms: number) {
      for (; now < ms; now++) {
        for (const timer of [...timers].filter(({ at }) => at <= now)) {
          timers.delete(timer);
          timer.run();
        }
      }
    },
  };
}

test('too late exactly once, when nothing was said in time', () => {
  const { clock, later, to } = hand();
  let late = 0;
  const patience = new Patience(clock, later, () => late++);
  patience.wait(100);
  to(90);
  assert.equal(late, 0);
  to(110);
  assert.equal(late, 1);
  to(1000);
  assert.equal(late, 1);
});

test('a wait that is met and begun anew costs no timer, and a shorter one is kept', () => {
  const { clock, later, to, started, left } = hand();
  let late = 0;
  const patience = new Patience(clock, later, () => late++);
  for (let at = 0; at < 1000; at += 50) {
    to(at);
    patience.wait(100);
  }
  assert.ok(started() <= 21, `${started()} timers`);
  assert.equal(late, 0);
  patience.rest();
  to(5000);
  assert.equal(late, 0);
  patience.wait(1000);
  patience.wait(10);
  to(5020);
  assert.equal(late, 1);
  patience.wait(100);
  patience.end();
  assert.equal(left(), 0);
});
