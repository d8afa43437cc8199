import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAYS, type TimeSpan } from './document.ts';
import { compileSchedule, daysOf, isZone, minuteOf } from './schedule.ts';

function isIn(span: Partial<TimeSpan>, time: string): boolean {
  const full: TimeSpan = { zone: 'Europe/Berlin', days: DAYS, fromMinute: 0, toMinute: 1440, ...span };
  return compileSchedule([full])(Date.parse(time));
}

test('times are those of the wall clock in the zone, in winter and in summer', () => {
  const office = { fromMinute: 480, toMinute: 1080 };
  // 2026-01-15: UTC+1; 2026-07-15: UTC+2.
  assert.ok(isIn(office, '2026-01-15T07:00:00Z'));
  assert.ok(!isIn(office, '2026-01-15T06:59:59Z'));
  assert.ok(isIn(office, '2026-07-15T06:00:00Z'));
  assert.ok(!isIn(office, '2026-07-15T16:00:00Z'));
  assert.ok(isIn({ ...office, zone: 'America/New_York' }, '2026-07-15T21:59:00Z'));
});

test('the days on which the clock is turned keep their local times', () => {
  const night = { fromMinute: 150, toMinute: 200 };
  // 2026-03-29 in Berlin: 02:00 becomes 03:00, so 02:30 does not exist, and 03:10 is 01:10 UTC.
  assert.ok(isIn(night, '2026-03-29T01:10:00Z'));
  // 2026-10-25: 03:00 becomes 02:00, so 02:40 is there twice.
  assert.ok(isIn(night, '2026-10-25T00:40:00Z'));
  assert.ok(isIn(night, '2026-10-25T01:40:00Z'));
});

test('days are local, and a span over midnight belongs to the day on which it begins', () => {
  const monday = { days: ['mon'] as const };
  // 2026-01-18 is a Sunday; 23:30 UTC is Monday 00:30 in Berlin.
  assert.ok(isIn(monday, '2026-01-18T23:30:00Z'));
  assert.ok(!isIn(monday, '2026-01-18T22:30:00Z'));
  const friday = { days: ['fri'] as const, fromMinute: 22 * 60, toMinute: 6 * 60, zone: 'UTC' };
  assert.ok(isIn(friday, '2026-01-16T23:00:00Z'), 'Friday night');
  assert.ok(isIn(friday, '2026-01-17T05:59:00Z'), 'Saturday morning');
  assert.ok(!isIn(friday, '2026-01-16T05:00:00Z'), 'Friday morning belongs to Thursday');
  assert.ok(!isIn(friday, '2026-01-17T23:00:00Z'));
});

test('an answer is kept for its minute, and no longer', () => {
  const test_ = compileSchedule([{ zone: 'UTC', days: DAYS, fromMinute: 60, toMinute: 61 }]);
  const at = Date.parse('2026-01-16T01:00:00Z');
  assert.deepEqual(
    [at - 1, at, at + 59_999, at + 60_000, at].map((ms) => test_(ms)),
    [false, true, true, false, true],
  );
});

test('days, times and zones as people write them', () => {
  assert.deepEqual(daysOf('mon-fri'), ['mon', 'tue', 'wed', 'thu', 'fri']);
  assert.deepEqual(daysOf('Sat-Mon'), ['sat', 'sun', 'mon']);
  assert.deepEqual(daysOf('wed'), ['wed']);
  assert.equal(daysOf('mon-fri-sat'), undefined);
  assert.deepEqual(['08:30', '0:00', '24:00', '24:01', '8', '12:60'].map(minuteOf), [
    510,
    0,
    1440,
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(['Europe/Berlin', 'UTC', 'Europe/Nowhere', '+02:00', ''].map(isZone), [
    true,
    true,
    false,
    false,
    false,
  ]);
});
