/**
 * How fast does the event store take events, and how fast are they found among ten million? Targets: 10,000 a second
 * taken; the first page of a field search under 300 ms; a substring search answers within 300 ms with what it has.
 * Written as the store writes (batches of 1,000, its indexes, WAL) into files of a day and searched by the code of its
 * searching thread, with caches as they are after the writing. Text searches may end before the end: then it is said
 * how far back the first page went, and how many pages and seconds a search to the end takes.
 * Run: `node bench/events.ts [events in millions]`.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rowOf } from '../src/engines/events/event.ts';
import { EventReader } from '../src/engines/events/search.io.ts';
import { EventWriter } from '../src/engines/events/writer.io.ts';
import { urlRedactor } from '../src/protocols/url/index.ts';
import type { EventSearch } from '../src/engines/events/index.ts';
import type { GatewayEvent } from '../src/engines/telemetry/index.ts';
import { officeEvent } from './support/office-events.ts';

/** `npm run bench` passes the rounds; two of them are the quick form. */
const given = Number(process.argv[2] ?? 10);
const MILLIONS = given === 2 ? 0.2 : 10;
const EVENTS = Math.round(MILLIONS * 1e6);
const BATCH = 1000;
const REDACTOR = urlRedactor(['token', 'access_token', 'password', 'key']);
const DAYS = 10;
const START = Date.UTC(2026, 0, 1);

/** One needle in the middle. */
function eventAt(at: number): GatewayEvent {
  const event = officeEvent(at, START + Math.floor((at / EVENTS) * DAYS * 86_400_000));
  return at === Math.floor(EVENTS / 2) ? { ...event, target: 'http://needle.example/haystack' } : event;
}

const dir = mkdtempSync(join(tmpdir(), 'bench-events-'));
process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
let now = START;
const writer = new EventWriter(
  dir,
  { keepDays: 3650, keepBytes: 1e15, partBytes: 4 * 1024 ** 3 },
  { now: () => now, monotonic: () => now },
);
const begun = performance.now();
let making = 0;
let longest = 0;
for (let at = 0; at < EVENTS; at += BATCH) {
  const before = performance.now();
  const rows = Array.from({ length: Math.min(BATCH, EVENTS - at) }, (_, more) =>
    rowOf(eventAt(at + more), REDACTOR),
  );
  now = START + Math.floor((at / EVENTS) * DAYS * 86_400_000);
  const made = performance.now();
  making += made - before;
  writer.write(rows);
  longest = Math.max(longest, performance.now() - made);
}
writer.close();
const seconds = (performance.now() - begun - making) / 1000;
const bytes = readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
console.log(
  `taken: ${EVENTS.toLocaleString('en')} events at ${Math.round(EVENTS / seconds).toLocaleString('en')}/s on one thread, ${Math.round(bytes / EVENTS)} bytes an event, longest batch ${Math.round(longest)} ms`,
);

const reader = new EventReader(dir, { budgetMs: 250, now: () => performance.now() });
const questions: readonly (readonly [string, EventSearch])[] = [
  ['newest page, no filter', {}],
  ['type=decision.block', { type: 'decision.block' }],
  ['type=decision.', { type: 'decision.' }],
  ['severity=warn', { severity: 'warn' }],
  ['user=user1234', { user: 'user1234' }],
  ['source=10.1.77.12', { source: '10.1.77.12' }],
  ['target=host-77777.example', { target: 'host-77777.example' }],
  ['target=needle.example (one, in the middle)', { target: 'needle.example' }],
  ['rule=rule-7 door=icap', { rule: 'rule-7', door: 'icap' }],
  ['feed=feed-3 user=user77', { feed: 'feed-3', user: 'user77' }],
  ['user=nobody (none)', { user: 'nobody' }],
  ['rule=rule-1 feed=feed-2 (never together)', { rule: 'rule-1', feed: 'feed-2' }],
  [
    'a day in the middle, user=user9',
    { user: 'user9', sinceMs: START + 4 * 86_400_000, untilMs: START + 5 * 86_400_000 },
  ],
  ['text "file-4321"', { text: 'file-4321' }],
  ['text "needle" (one, in the middle)', { text: 'needle' }],
  ['text "nowhere" (none)', { text: 'nowhere at all' }],
];
console.log(`${'search'.padEnd(44)} first page  found  looked back to       to the end`);
for (const [name, query] of questions) {
  const times: number[] = [];
  let page = reader.search({ ...query, limit: 50 });
  for (let again = 0; again < 5; again++) {
    const start = performance.now();
    page = reader.search({ ...query, limit: 50 });
    times.push(performance.now() - start);
  }
  let whole = '';
  if (!page.complete) {
    const start = performance.now();
    let pages = 1;
    let found = page.items.length;
    for (let cursor = page.cursor; cursor !== undefined && found < 50; pages++) {
      const next = reader.search({ ...query, limit: 50, cursor });
      found += next.items.length;
      cursor = next.cursor;
    }
    whole = `${found} found after ${pages} pages, ${((performance.now() - start) / 1000).toFixed(1)} s`;
  }
  const time = times.toSorted((a, b) => a - b)[2]!;
  const back =
    page.complete && page.cursor === undefined ? 'the end' : page.scannedTo.slice(0, 16).replace('T', ' ');
  console.log(
    `${name.padEnd(44)} ${time.toFixed(1).padStart(7)} ms ${String(page.items.length).padStart(6)}  ${back.padEnd(19)} ${whole}`,
  );
}
reader.close();
