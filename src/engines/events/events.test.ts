import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runChild } from '../../../test/support/child.ts';
import { type Scope, scopeOf, tempDir } from '../../../test/support/scope.ts';
import type { EdgeLinks, Log } from '../../kernel/index.ts';
import { urlRedactor } from '../../protocols/url/index.ts';
import type { GatewayEvent } from '../telemetry/index.ts';
import { AllowCounts } from './allows.ts';
import { hostOf, rowOf } from './event.ts';
import { History, quantile } from './history.ts';
import { type EventSearch, matches, openEventStore, storeEvents } from './index.ts';
import { EventReader } from './search.io.ts';
import { WaitingRows } from './waiting.ts';
import { EventWriter } from './writer.io.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const REDACTOR = urlRedactor(['token']);
const LIMITS = { keepDays: 30, keepBytes: 1024 ** 3, partBytes: 1024 ** 3 };
const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function event(at: number, more: Partial<GatewayEvent> = {}): GatewayEvent {
  return {
    timeMs: NOW + at * 1000,
    type: at % 5 === 0 ? 'decision.block' : 'decision.monitor',
    severity: at % 7 === 0 ? 'warn' : 'info',
    door: at % 2 === 0 ? 'forward-proxy' : 'icap',
    source: `10.0.0.${at % 9}`,
    user: at % 3 === 0 ? `user${at % 4}` : undefined,
    target: `http://host${at % 11}.example/path/${at}?q=50%_x`,
    reason: 'feed-block',
    details: { rule: `rule${at % 6}`, feed: at % 2 === 0 ? 'urlhaus' : undefined, id: `id-${at}` },
    ...more,
  };
}

async function written(scope: Scope, events: readonly GatewayEvent[], limits = LIMITS): Promise<string> {
  const dir = await tempDir(scope, 'events');
  const writer = new EventWriter(dir, limits, { now: () => NOW, monotonic: () => NOW });
  for (let at = 0; at < events.length; at += 20)
    writer.write(events.slice(at, at + 20).map((each) => rowOf(each, REDACTOR)));
  writer.close();
  return dir;
}

function all(reader: EventReader, query: EventSearch) {
  const found = [];
  let pages = 0;
  for (let cursor: string | undefined; ;) {
    const page = reader.search({ ...query, limit: 17, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.items);
    pages++;
    cursor = page.cursor;
    if (cursor === undefined) return { found, pages };
    assert.ok(pages < 1000);
  }
}

test('every question finds what a look at each event finds, in pages, over several files', async (t) => {
  const scope = scopeOf(t);
  const events = Array.from({ length: 1000 }, (_, at) => event(at));
  const dir = await written(scope, events, { ...LIMITS, partBytes: 1 });
  assert.ok(readdirSync(dir).filter((name) => name.endsWith('.db')).length > 1);
  const reader = new EventReader(dir, { budgetMs: 10_000, now: () => performance.now() });
  scope.after(() => reader.close());
  const items = all(reader, {}).found;
  assert.equal(items.length, 1000);
  assert.equal(items[0]!.time, new Date(NOW + 999_000).toISOString());
  const questions: readonly EventSearch[] = [
    { type: 'decision.block' },
    { type: 'decision.' },
    { type: 'decision' },
    { severity: 'warn' },
    { door: 'icap', source: '10.0.0.4' },
    { user: 'user3', feed: 'urlhaus' },
    { target: 'host5.example' },
    { target: 'http://host5.example/path/5?q=50%_x' },
    { rule: 'rule2', type: 'decision.block' },
    { text: 'HOST10' },
    { text: 'id-99' },
    { text: '50%_x', rule: 'rule1' },
    { text: '%%' },
    { sinceMs: NOW + 500_000, untilMs: NOW + 600_000 },
    { text: 'nothing of the kind' },
  ];
  for (const query of questions) {
    const wanted = items.filter((item) => matches(query, { ...item })).map(({ id }) => id);
    assert.deepEqual(
      all(reader, query).found.map(({ id }) => id),
      wanted,
      JSON.stringify(query),
    );
  }
});

test('a search that has no time left says how far it came and goes on from there', async (t) => {
  const scope = scopeOf(t);
  const dir = await written(
    scope,
    Array.from({ length: 60_000 }, (_, at) => event(at)),
  );
  let clock = 0;
  const reader = new EventReader(dir, { budgetMs: 1, now: () => clock++ });
  scope.after(() => reader.close());
  const first = reader.search({ text: 'id-7"', limit: 5 });
  assert.equal(first.complete, false);
  assert.ok(first.cursor !== undefined && first.scannedTo > new Date(NOW).toISOString());
  const { found, pages } = all(reader, { text: 'id-7"' });
  assert.deepEqual(
    found.map(({ details }) => details['id']),
    ['id-7'],
  );
  assert.ok(pages > 1);
});

test('old and excess files are removed, the newest stays; a damaged one is set aside', async (t) => {
  const scope = scopeOf(t);
  const dir = await tempDir(scope, 'events-keep');
  let now = NOW;
  const writer = new EventWriter(dir, { ...LIMITS, keepDays: 3 }, { now: () => now, monotonic: () => now });
  for (let day = 0; day < 6; day++, now += 86_400_000) writer.write([rowOf(event(day), REDACTOR)]);
  now -= 86_400_000;
  assert.equal(writer.tidy(), 2);
  writer.close();
  const small = new EventWriter(dir, { ...LIMITS, keepBytes: 1 }, { now: () => now, monotonic: () => now });
  assert.equal(small.tidy(), 3);
  const [last] = readdirSync(dir).filter((name) => name.endsWith('.db'));
  for (const name of readdirSync(dir))
    if (name !== last) assert.match(name, new RegExp(`^${last}-(wal|shm)$`));
  writeFileSync(join(dir, last!), 'this is no database at all, and long enough to be looked at as one');
  assert.throws(() => small.write([rowOf(event(1), REDACTOR)]));
  assert.equal(small.write([rowOf(event(1), REDACTOR)]).firstRow, 1);
  assert.ok(readdirSync(dir).some((name) => name.includes('.damaged-')));
  small.close();
});

test('the store takes batches of the doors, tells followers, and writes what waits when it closes', async (t) => {
  const scope = scopeOf(t);
  const dataDir = await tempDir(scope, 'store');
  const open = () =>
    openEventStore({
      dataDir,
      log: silent,
      redactor: () => REDACTOR,
      limits: { ...LIMITS, waitingMax: 50, searchMs: 1000 },
      now: () => NOW,
    });
  const store = open();
  let take: ((data: unknown, edge: { pid: number; generation: number }) => void) | undefined;
  const links: EdgeLinks = {
    handle: () => undefined,
    onPost: (_topic, handler) => void (take = handler),
    onGone: () => undefined,
    publish: () => Promise.resolve(),
    collect: () => Promise.resolve(new Map()),
  };
  storeEvents(links, store, () => NOW);
  const edge = { pid: 5, generation: 1 };
  for (const bad of [null, 7, {}, { events: [{}, 1, null], dropped: 'x' }]) take?.(bad, edge);
  const following = store.live.tail({ type: 'decision.block' }, undefined, 5000, 10);
  take?.({ events: [event(5), event(6)], dropped: 4 }, edge);
  const told = await following;
  assert.deepEqual(
    told.items.map(({ target }) => target),
    [event(5).target],
  );
  assert.equal((await store.live.tail({}, told.after, 1, 10)).items.length, 0);
  const lost = (await store.search({ type: 'events.lost' })).items;
  assert.deepEqual(
    lost.map(({ count }) => count),
    [4],
  );
  // More than may wait is dropped and counted, and nothing waits for it.
  store.add(Array.from({ length: 80 }, (_, at) => event(at)));
  store.add([event(81, { type: 'alert.raised' }), event(82)]);
  await store.close();
  const again = open();
  const page = await again.search({ limit: 500 });
  assert.equal((await again.search({ type: 'alert.raised' })).items.length, 1, 'an alert finds room');
  assert.equal(page.items.filter(({ type }) => type !== 'events.lost').length, 52);
  await again.close();
});

test('while the disk is full events wait, health says so, and they are stored when there is room again', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('mounting a small file system needs root');
  const scope = scopeOf(t);
  const dataDir = await tempDir(scope, 'full');
  const mounted = await runChild(scope, 'mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dataDir]);
  if (mounted.code !== 0) return t.skip(`mount: ${mounted.stderr.trim()}`);
  scope.after(() => runChild(scope, 'umount', [dataDir]).then(() => undefined));
  mkdirSync(join(dataDir, 'events'));
  writeFileSync(join(dataDir, 'ballast'), Buffer.alloc(1_000_000));
  const limits = { ...LIMITS, waitingMax: 1000, searchMs: 1000 };
  const store = openEventStore({ dataDir, log: silent, redactor: () => REDACTOR, limits, now: () => NOW });
  store.add([event(1), event(2)]);
  const until = async (isTrue: () => boolean): Promise<void> => {
    for (let tries = 0; tries < 200 && !isTrue(); tries++) await sleep(50);
    assert.ok(isTrue());
  };
  await until(() => store.health().state === 'degraded');
  await runChild(scope, 'rm', [join(dataDir, 'ballast')]);
  await until(() => store.health().state === 'ok');
  assert.equal((await store.search({})).items.length, 2);
  await store.close();
  assert.equal(existsSync(join(dataDir, 'events')), true);
});

test('alerts take the place of the newest that are none, also when rows come back from a full disk', () => {
  const waiting = new WaitingRows(4);
  const row = (at: number, type: string) => rowOf(event(at, { type, target: `t${at}` }), REDACTOR);
  const add = (at: number, type = 'decision.block') => waiting.add(type, () => row(at, type));
  assert.deepEqual(
    [0, 1, 2, 3].map((at) => add(at)),
    [true, true, true, true],
  );
  assert.deepEqual([add(4), add(5, 'alert.raised'), add(6, 'alert.resolved')], [false, false, false]);
  const taken = waiting.take(2);
  assert.deepEqual(
    taken.map((each) => each[6]),
    ['t0', 't1'],
  );
  assert.deepEqual([add(7), add(8)], [true, true]);
  assert.equal(waiting.putBack(taken), 2);
  assert.deepEqual(
    waiting.take(9).map((each) => each[6]),
    ['t0', 't1', 't5', 't6'],
  );
  for (const at of [0, 1, 2, 3]) add(at, 'alert.raised');
  assert.equal(add(4, 'alert.raised'), false, 'the bound holds for alerts, too');
  assert.equal(waiting.length, 4);
});

test('hosts of targets', () => {
  const cases = [
    ['http://User@Host.example:80/a', 'user@host.example'],
    ['https://host.example/x', 'host.example'],
    ['host.example:443', 'host.example'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['feed-name', 'feed-name'],
  ] as const;
  for (const [target, host] of cases) assert.equal(hostOf(target), host);
});

test('curves: rates between samples, holes where nobody sampled, quantiles of buckets', () => {
  const counter = (name: string, value: number) => ({
    declaration: { name, type: 'counter' as const, help: '' },
    series: [{ l: [], v: [value] }],
  });
  const history = new History();
  history.sample([counter('icap_requests_total', 100)], 0);
  history.sample([counter('icap_requests_total', 150)], 10_000);
  history.sample([counter('icap_requests_total', 450)], 40_000);
  const { series, startMs, stepS } = history.read(['requests', 'latency_p99', 'unknown'], 1);
  assert.deepEqual([startMs, stepS], [-10_000, 10]);
  assert.deepEqual(series, {
    requests: [null, null, 5, null, null, 10],
    latency_p99: [null, null, null, null, null, null],
  });
  assert.equal(quantile([{ bounds: [1, 2], counts: [50, 49, 1] }], 0.5), 1);
  assert.equal(quantile([{ bounds: [1, 2], counts: [50, 49, 1] }], 0.99), 2);
  assert.ok(Number.isNaN(quantile([{ bounds: [1], counts: [0, 0] }], 0.5)));
});

test('allows become one event a minute and door', () => {
  const totals = (value: number) => [
    {
      declaration: {
        name: 'forward_proxy_requests_total',
        type: 'counter' as const,
        help: '',
        labels: ['result'],
      },
      series: [
        { l: ['forwarded'], v: [value] },
        { l: ['tunnelled'], v: [1] },
        { l: ['blocked'], v: [1000] },
      ],
    },
  ];
  const allows = new AllowCounts();
  assert.deepEqual(
    allows.take(totals(4), NOW).map(({ details }) => details['count']),
    [5],
  );
  assert.deepEqual(allows.take(totals(4), NOW), []);
  assert.deepEqual(
    allows.take(totals(10), NOW).map(({ door, details }) => [door, details['count']]),
    [['forward-proxy', 6]],
  );
});

test('secrets in URLs are not stored, wherever in an event they are; entries of lists stay as they are', () => {
  const url = 'http://x.example/?a=1&token=hunter2';
  const details = { referrer: url, agent: 'x/1 (a; b)', entry: 'x.example/?token=listed', deep: [url] };
  const row = rowOf(event(1, { target: url, details }), REDACTOR);
  assert.equal(row[6], 'http://x.example/?a=1&token=[secret]');
  assert.deepEqual(JSON.parse(String(row[12])), {
    referrer: 'http://x.example/?a=1&token=[secret]',
    agent: 'x/1 (a; b)',
    entry: 'x.example/?token=listed',
    deep: ['http://x.example/?a=1&token=[secret]'],
  });
});

test('passwords in URLs are not stored', () => {
  const row = rowOf(event(1, { target: 'http://alice:s3cret@host1.example/a?mail=a@b.example' }), REDACTOR);
  assert.deepEqual(row.slice(6, 8), ['http://host1.example/a?mail=a@b.example', 'host1.example']);
  assert.equal(rowOf(event(1, { target: 'alice@corp.example' }), REDACTOR)[6], 'alice@corp.example');
});
