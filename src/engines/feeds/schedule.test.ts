import assert from 'node:assert/strict';
import { test } from 'node:test';
import { body, feedLab, feedServer } from '../../../test/support/feed-lab.ts';
import { scopeOf } from '../../../test/support/scope.ts';
import { dueAtMs, nextAfterFailure, nextAfterSuccess, retryAfterOf } from './schedule.ts';
import { problemsOf, subscriptionOf } from './subscription.ts';

const SETTINGS = { jitter: 0.1, backoffMinMs: 60_000, backoffMaxMs: 3_600_000, retryAfterMaxMs: 7_200_000 };

test('feeds are spread around their interval, and wait twice as long with each failure, up to the bound', () => {
  assert.equal(nextAfterSuccess(1000, 100_000, 0.5, SETTINGS), 101_000);
  assert.equal(nextAfterSuccess(1000, 100_000, 0, SETTINGS), 96_000);
  assert.equal(nextAfterSuccess(1000, 100_000, 1, SETTINGS), 106_000);
  const waits = [1, 2, 3, 7, 1000].map((failures) => nextAfterFailure(0, failures, undefined, 1, SETTINGS));
  assert.deepEqual(waits, [60_000, 120_000, 240_000, 3_600_000, 3_600_000]);
  assert.equal(nextAfterFailure(0, 1, undefined, 0, SETTINGS), 30_000, 'half of it is chance');
  assert.equal(nextAfterFailure(0, 1, 600_000, 1, SETTINGS), 600_000);
  assert.equal(nextAfterFailure(0, 1, 1000, 1, SETTINGS), 60_000, 'asking for less changes nothing');
  assert.equal(nextAfterFailure(0, 1, Number.MAX_SAFE_INTEGER, 1, SETTINGS), 7_200_000);
});

test('what was planned while the clock was a month ahead is due', () => {
  const now = 1_000_000;
  assert.equal(dueAtMs(undefined, 60_000, now, SETTINGS), now);
  assert.equal(dueAtMs(now + 60_000, 60_000, now, SETTINGS), now + 60_000);
  assert.equal(dueAtMs(now + 7_200_000, 60_000, now, SETTINGS), now + 7_200_000, 'a server asked for it');
  assert.equal(dueAtMs(now + 31 * 86_400_000, 60_000, now, SETTINGS), now);
});

test('Retry-After is seconds or a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  assert.equal(retryAfterOf('120', now), 120_000);
  assert.equal(retryAfterOf('Thu, 01 Jan 2026 00:01:00 GMT', now), 60_000);
  assert.equal(retryAfterOf('Wed, 31 Dec 2025 00:01:00 GMT', now), 0);
  assert.equal(retryAfterOf('soon', now), undefined);
  assert.equal(retryAfterOf(undefined, now), undefined);
});

test('a subscription that cannot work is refused with the key that is to blame', () => {
  const url = 'https://lists.example/x';
  const check = (entry: Parameters<typeof problemsOf>[1], path: string, message: RegExp): void => {
    const [problem] = problemsOf('feed', entry);
    assert.equal(problem?.path, path, JSON.stringify(entry));
    assert.match(problem.message, message);
  };
  assert.deepEqual(problemsOf('feed', { url }), []);
  assert.match(problemsOf('Feed', { url })[0]?.message ?? '', /a-z/);
  assert.equal(problemsOf('local', { url }).length, 1);
  check({}, 'url', /is needed/);
  check({ url: 'ftp://x.example/' }, 'url', /http or https/);
  check({ url: 'https://user:pass@x.example/' }, 'url', /auth basic/);
  check({ url: 'lists/x' }, 'url', /no URL/);
  check({ url, evry: '1h' }, 'evry', /unknown key/);
  check({ url, every: '1 hour' }, 'every', /15m/);
  check({ url, every: '10ms' }, 'every', /at least 1s/);
  check({ url, format: 'docx' }, 'format', /expected one of: auto/);
  check({ url, map: ['value'] }, 'map', /FIELD=COLUMN/);
  check({ url, shrinkMax: 101 }, 'shrinkMax', /0 to 100/);
  check({ url, confidence: '50' }, 'confidence', /a number/);
  check({ url, enabled: 'yes' }, 'enabled', /true or false/);
  check({ url, auth: 'basic' }, 'user', /needed for auth basic/);
  check({ url, auth: 'header' }, 'header', /needed for auth header/);
  check({ url, auth: 'header', header: 'Host' }, 'header', /belongs to the connection/);
  check({ url, auth: 'url' }, 'url', /\{secret\}/);
  check({ url: `${url}?{secret}` }, 'url', /belong together/);
  check({ url, certificateFile: '/c.pem' }, 'keyFile', /belong together/);
  check({ url, signatureUrl: url }, 'publicKeyFile', /belong together/);
  check({ url, caFile: 'ca.pem' }, 'caFile', /absolute/);
  check({ url, parent: 'https://proxy.example/' }, 'parent', /http:\/\/host:port/);
  check({ url, parent: 'http://u:p@proxy.example' }, 'parent', /options of their own/);
  check({ url: '/lists/x', type: 'taxii' }, 'url', /is a URL/);
  check({ url, type: 'misp', checksumUrl: url }, 'checksumUrl', /list, ut1 and yara/);
  const feed = subscriptionOf('feed', { url, every: '15m', map: ['value=entry', 'category=2'] });
  assert.deepEqual(feed.mapping, { value: 'entry', category: '2' });
  assert.deepEqual([feed.everyMs, feed.staleAfterMs, feed.enabled], [900_000, 2_700_000, true]);
});

test('due feeds are fetched by themselves, at most so many at once, and again after a restart only when due', async (t) => {
  const scope = scopeOf(t);
  let open = 0;
  let most = 0;
  let asked = 0;
  const held: (() => void)[] = [];
  const server = await feedServer(scope, (request, response) => {
    most = Math.max(most, ++open);
    held.push(() => {
      open--;
      body('bad.example\n')(request, response);
    });
    // Two at once, and the fifth alone: a moment later, when a third would have come.
    const enough = ++asked >= 5 ? 1 : 2;
    if (held.length >= enough) setTimeout(() => held.splice(0).forEach((answer) => answer()), 50);
  });
  const lab = await feedLab(scope, { feeds: { fetchesMax: 2 } });
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await lab.feeds.add(name, { url: `${server.url}/${name}`, caFile: server.tls.caFile }, {}, 'tester');
  }
  await lab.feeds.add('off', { url: `${server.url}/off`, enabled: false }, {}, 'tester');
  assert.equal(server.requests.length, 0, 'nothing before the start');
  lab.feeds.start();
  const done = (): boolean => lab.events.filter(({ type }) => type === 'feed.synced').length === 5;
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(most, 2);
  assert.equal(lab.indicators.feeds().length, 5);
  for (const { feed, status } of lab.feeds.list()) {
    if (feed.enabled) assert.equal(status.nextAtMs, (status.successAtMs ?? 0) + feed.everyMs);
  }
  await lab.close();
  const again = await feedLab(scope, { dataDir: lab.dataDir });
  again.feeds.start();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(server.requests.length, 5, 'none was due');
  // Whoever changes something sees whether it works.
  await again.feeds.edit('a', { category: 'phishing' }, {}, 'tester');
  while (again.indicators.feeds().find(({ name }) => name === 'a')?.category !== 'phishing') {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(server.requests.length, 6);
});
