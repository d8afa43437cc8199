import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { scopeOf, tempDir } from '../../../test/support/scope.ts';
import { urlRedactor } from '../../protocols/url/index.ts';
import type { GatewayEvent } from '../telemetry/index.ts';
import { rowOf } from './event.ts';
import { type EventQuery, matches } from './query.ts';
import { EventReader } from './search.io.ts';
import { EventWriter } from './writer.io.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const REDACTOR = urlRedactor(['token']);
/** More than several chunks of a search. */
const EVENTS = 6000;
const TYPES = ['decision.block', 'decision.monitor', 'login.refused', 'ssh.refused'] as const;

/** In blocks, so that some values never meet, and one by one, so that others follow each other closely. */
function eventAt(at: number): GatewayEvent {
  return {
    timeMs: NOW + at * 10,
    type: at % 2500 === 7 ? 'ssh.refused' : TYPES[Math.floor(at / 3) % 3]!,
    severity: at % 997 === 0 ? 'error' : at % 50 === 0 ? 'warn' : 'info',
    door: at < 4000 ? 'forward-proxy' : 'icap',
    source: `10.0.0.${at % 3}`,
    user: at < 3500 ? 'alice' : `user${at % 5}`,
    target: `http://host${at % 4}.example/${at}`,
    reason: 'indicator-match',
    details: { rule: `r${at % 2}`, feed: at % 6 === 5 ? 'f1' : 'f0' },
  };
}

const query = fc.record<EventQuery>(
  {
    type: fc.constantFrom(...TYPES, 'decision.', 'ssh.', 'nothing.', 'login'),
    severity: fc.constantFrom('info', 'warn', 'error'),
    door: fc.constantFrom('forward-proxy', 'icap', 'api'),
    source: fc.constantFrom('10.0.0.1', '10.0.0.9'),
    user: fc.constantFrom('alice', 'user2', 'nobody'),
    target: fc.constantFrom('host1.example', 'http://host2.example/2502'),
    rule: fc.constantFrom('r0', 'r1'),
    feed: fc.constantFrom('f0', 'f1'),
    text: fc.constantFrom('HOST3', '/4007', 'nowhere'),
    sinceMs: fc.constantFrom(NOW, NOW + 20_000, NOW + 59_990),
    untilMs: fc.constantFrom(NOW + 10_000, NOW + 45_000),
  },
  { requiredKeys: [] },
);

test('whatever is asked together, the pages hold what fits, newest first, each once', async (t) => {
  const scope = scopeOf(t);
  const dir = await tempDir(scope, 'events-search');
  const limits = { keepDays: 30, keepBytes: 1e12, partBytes: 1e12 };
  const writer = new EventWriter(dir, limits, { now: () => NOW, monotonic: () => NOW });
  for (let at = 0; at < EVENTS; at += 1000) {
    writer.write(Array.from({ length: 1000 }, (_, more) => rowOf(eventAt(at + more), REDACTOR)));
  }
  writer.close();
  const reader = new EventReader(dir, { budgetMs: 10_000, now: () => performance.now() });
  scope.after(() => reader.close());
  const pagesOf = (asked: EventQuery, limit: number) => {
    const found = [];
    for (let cursor: string | undefined; ;) {
      const page = reader.search({ ...asked, limit, ...(cursor === undefined ? {} : { cursor }) });
      found.push(...page.items);
      if (page.cursor === undefined) return found;
      assert.notEqual(page.cursor, cursor);
      cursor = page.cursor;
    }
  };
  const all = pagesOf({}, 500);
  assert.equal(all.length, EVENTS);
  fc.assert(
    fc.property(query, fc.integer({ min: 100, max: 500 }), (asked, limit) => {
      const wanted = all.filter((item) => matches(asked, { ...item })).map(({ id }) => id);
      assert.deepEqual(
        pagesOf(asked, limit).map(({ id }) => id),
        wanted,
      );
    }),
    { numRuns: 300 },
  );
});
