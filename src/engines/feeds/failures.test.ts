import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { failureOf } from '../../../test/support/failure.ts';
import { type Answering, body, feedLab, feedServer, IO } from '../../../test/support/feed-lab.ts';
import { type Scope, scopeOf } from '../../../test/support/scope.ts';

const LIST = 'bad.example\nworse.example\n';

/** A feed that has succeeded once, and a server whose next answers the test decides. */
async function goodFeed(scope: Scope, options: Parameters<typeof feedLab>[1] = {}, list = LIST) {
  let answer: Answering = body(list);
  const server = await feedServer(scope, (request, response) => answer(request, response));
  const lab = await feedLab(scope, options);
  await lab.feeds.add('bad', { url: `${server.url}/bad.txt`, caFile: server.tls.caFile }, {}, 'tester');
  await lab.feeds.sync('bad', false, IO);
  const fails = async (next: Answering) => {
    answer = next;
    return failureOf(lab.feeds.sync('bad', false, IO));
  };
  const succeeds = async (next: Answering) => {
    answer = next;
    return lab.feeds.sync('bad', false, IO);
  };
  return { lab, server, fails, succeeds };
}

const CASES: readonly (readonly [name: string, code: string, answer: Answering])[] = [
  [
    'a body shorter than announced',
    'FEEDS_CUT',
    (_request, response) => {
      response.writeHead(200, { 'Content-Length': 1000 });
      response.write(LIST);
      setImmediate(() => response.destroy());
    },
  ],
  [
    'a chunked body without its end',
    'FEEDS_CUT',
    (_request, response) => {
      response.write(LIST);
      setImmediate(() => response.destroy());
    },
  ],
  [
    'packed data without their end',
    'FEEDS_CUT',
    body(gzipSync(LIST.repeat(100)).subarray(0, 40), { 'Content-Encoding': 'gzip' }),
  ],
  ['packed data that are none', 'FEEDS_ENCODING', body(LIST, { 'Content-Encoding': 'gzip' })],
  [
    'a gzip bomb',
    'FEEDS_EXPANSION',
    body(gzipSync(Buffer.alloc(8 * 1024 ** 2)), { 'Content-Encoding': 'gzip' }),
  ],
  ['more than the bound', 'FEEDS_TOO_LARGE', body(randomBytes(3 * 1024 ** 2))],
  ['a page to sign in', 'FEEDS_HTML', body('\n<!DOCTYPE html>\n<html><title>Sign in</title></html>')],
  ['a page with a remark first', 'FEEDS_HTML', body('<!-- proxy --> <HTML><body>no</body></HTML>')],
  ['nothing', 'FEEDS_EMPTY', body('')],
  ['what is no list', 'INDICATORS_NOTHING_IMPORTED', body('%PDF-1.4 ... \u0000\u0001\n')],
  ['a page that is gone', 'FEEDS_STATUS', (_request, response) => void response.writeHead(404).end()],
  ['a server in trouble', 'FEEDS_STATUS', (_request, response) => void response.writeHead(500).end(LIST)],
  ['other credentials', 'FEEDS_CREDENTIALS', (_request, response) => void response.writeHead(403).end()],
  ['silence in the body', 'FEEDS_TIMEOUT', (_request, response) => void response.write(LIST)],
  ['no answer', 'FEEDS_TIMEOUT', () => {}],
  ['no HTTP', 'FEEDS_HTTP', (request) => void request.socket.end('220 smtp.example ESMTP\r\n')],
];

const FEEDS = { downloadBytesMax: 2 * 1024 ** 2 };
/** For those that are to end by it: others would, too, on a busy machine. */
const IMPATIENT = { ...FEEDS, idleMs: 2000, responseHeadMs: 2000 };

for (const [name, code, answer] of CASES) {
  test(`${name}: refused whole, the last good list stays, health says why`, async (t) => {
    const feeds = code === 'FEEDS_TIMEOUT' ? IMPATIENT : FEEDS;
    const { lab, fails, succeeds } = await goodFeed(scopeOf(t), { feeds });
    const failure = await fails(answer);
    assert.equal(failure.code, code, failure.message);
    assert.ok((failure.hint ?? '').length > 10);
    assert.deepEqual(lab.entries('bad'), ['bad.example', 'worse.example']);
    const [health] = lab.feeds.health();
    assert.deepEqual(health?.state, 'failed');
    assert.ok(health.reason.includes(failure.message), health.reason);
    assert.equal(lab.feeds.get('bad').status.error?.code, code);
    const event = lab.events.find(({ type }) => type === 'feed.failed');
    assert.deepEqual([event?.target, event?.reason], ['bad', code]);
    assert.ok(lab.logged.some(([what, fields]) => what === 'feed.failed' && fields['code'] === code));
    assert.deepEqual(readdirSync(join(lab.dataDir, 'feeds', 'work')), [], 'no file of it is left');

    await succeeds(body(`${LIST}third.example\n`));
    assert.equal(lab.feeds.health()[0]?.state, 'ok');
    assert.equal(lab.entries('bad').length, 3);
    assert.equal(lab.events.at(-1)?.type, 'feed.synced');
  });
}

test('a feed that loses almost everything is refused until somebody says that it is meant', async (t) => {
  const many = Array.from({ length: 2000 }, (_, at) => `host-${at}.example`).join('\n');
  const { lab, fails } = await goodFeed(scopeOf(t), {}, many);
  const failure = await fails(body(LIST));
  assert.match(failure.code, /^INDICATORS_/);
  assert.equal(lab.entries('bad').length, 2000);
  assert.equal((await lab.feeds.sync('bad', true, IO)).entries, 2);
});

test('the server is left alone as long as it asks, within the bound', async (t) => {
  const time = { now: Date.parse('2026-01-01T00:00:00Z') };
  const { lab, fails } = await goodFeed(scopeOf(t), { time, feeds: { retryAfterMaxMs: 7_200_000 } });
  const waits = async (retryAfter: string): Promise<number> => {
    const failure = await fails((_request, response) => {
      response.writeHead(429, { 'Retry-After': retryAfter }).end();
    });
    assert.equal(failure.code, 'FEEDS_SLOW_DOWN');
    return (lab.feeds.get('bad').status.nextAtMs ?? 0) - time.now;
  };
  assert.equal(await waits('3600'), 3_600_000);
  assert.equal(await waits('Thu, 01 Jan 2026 01:30:00 GMT'), 5_400_000);
  assert.equal(await waits('999999999'), 7_200_000, 'the bound');
});

test('a feed without success for too long is stale: health, event, metric and edges hear of it, and of the end', async (t) => {
  const time = { now: Date.parse('2026-01-01T00:00:00Z') };
  const { lab, fails, succeeds } = await goodFeed(scopeOf(t), { time });
  assert.deepEqual(lab.unwell(), []);
  await fails((_request, response) => void response.writeHead(500).end());
  assert.deepEqual(
    lab.unwell().map(({ state }) => state),
    ['failed'],
  );
  time.now += 3 * 3_600_000;
  await fails((_request, response) => void response.writeHead(500).end());
  assert.deepEqual(
    lab.unwell().map(({ feed, state }) => [feed, state]),
    [['bad', 'stale']],
  );
  assert.match(
    lab.unwell()[0]?.reason ?? '',
    /^stale, last success 2026-01-01T00:00:00\.000Z: .* answered 500/,
  );
  assert.deepEqual(lab.events.filter(({ type }) => type === 'feed.stale').length, 1);
  const age = lab.metrics.snapshot()['feeds_age_seconds']?.[0];
  assert.deepEqual([age?.l, age?.v], [['bad'], [10_800]]);
  await succeeds(body(`${LIST}third.example`));
  assert.deepEqual(lab.unwell(), []);
  const counted = (lab.metrics.snapshot()['feeds_sync_total'] ?? []).map(({ l, v }) => [l[1], v[0]]);
  assert.deepEqual(counted, [
    ['changed', 2],
    ['failed', 2],
  ]);
});

test('a subscription that ends while it is fetched leaves nothing behind', async (t) => {
  const { lab } = await goodFeed(scopeOf(t), { feeds: FEEDS });
  const scope = scopeOf(t);
  const asked = Promise.withResolvers<void>();
  const slow = await feedServer(scope, (_request, response) => {
    response.write(LIST);
    asked.resolve();
  });
  await lab.feeds.add('slow', { url: slow.url, caFile: slow.tls.caFile }, {}, 'tester');
  const run = failureOf(lab.feeds.sync('slow', false, IO));
  await asked.promise;
  await lab.feeds.unsubscribe('slow', 'tester');
  assert.equal((await run).code, 'FEEDS_ENDED');
  assert.deepEqual(
    lab.feeds.list().map(({ feed }) => feed.name),
    ['bad'],
  );
  assert.ok(!existsSync(join(lab.dataDir, 'feeds', 'work', 'slow')));
});
