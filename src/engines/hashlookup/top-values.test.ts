import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinTops, TopValues } from './top-values.ts';

test('what keeps coming stays, whatever else comes once', () => {
  const values = new TopValues(100);
  for (let at = 0; at < 10_000; at++) {
    values.add(`once ${at}`);
    if (at % 10 === 0) values.add('often');
    if (at % 20 === 0) values.add('sometimes');
  }
  assert.deepEqual(
    values.top(2).map(([value]) => value),
    ['often', 'sometimes'],
  );
  assert.ok(values.top(1000).length <= 100);
});

test('values that come equally often find room, too', () => {
  const values = new TopValues(10);
  for (let round = 0; round < 3; round++) {
    for (let at = 0; at < 30; at++) for (let times = 0; times < 4; times++) values.add(`${round} ${at}`);
  }
  assert.ok(values.top(100).length <= 10);
  assert.ok(values.top(100).some(([value]) => value === '2 29'));
});

test('counts of several processes are added', () => {
  const joined = joinTops(
    [
      [
        ['a', 3],
        ['b', 1],
      ],
      [['b', 4]],
    ],
    1,
  );
  assert.deepEqual(joined, [['b', 5]]);
});
