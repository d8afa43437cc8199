import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joined, lineOf } from './line.ts';

test('a line of the log: what is known has its place, the rest is named', () => {
  const { time, level, process, event, rest } = lineOf({
    time: '2026-11-24T14:36:06.266Z',
    level: 'warn',
    process: 'edge',
    pid: 7,
    event: 'feed.failed',
    feed: 'urlhaus',
    took: { ms: 3 },
  });
  assert.deepEqual(
    [time, level, process, event, rest],
    ['2026-11-24T14:36:06.266Z', 'warn', 'edge 7', 'feed.failed', 'feed=urlhaus  took={"ms":3}'],
  );
  const cut = lineOf({ line: '{"time":"2026' });
  assert.deepEqual([cut.time, cut.level, cut.rest], [undefined, 'info', 'line={"time":"2026']);
});

test('lines that came while the older ones were asked for stand once', () => {
  const of = (event: string) => lineOf({ event });
  const events = joined([of('b'), of('a')], [of('c'), of('b')], 3).map(({ event }) => event);
  assert.deepEqual(events, ['c', 'b', 'a']);
  assert.equal(joined([of('b'), of('a')], [of('c')], 2).length, 2);
});
