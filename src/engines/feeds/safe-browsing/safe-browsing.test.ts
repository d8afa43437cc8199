import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { failureOf } from '../../../../test/support/failure.ts';
import { feedLab, feedServer, IO } from '../../../../test/support/feed-lab.ts';
import { hashOf, type Mood, safeBrowsingServer } from '../../../../test/support/safe-browsing-server.ts';
import { type Scope, scopeOf } from '../../../../test/support/scope.ts';
import type { LookAsideConfig } from '../../config/index.ts';
import { canonicalUrl } from '../../../protocols/url/index.ts';

const MINUTE = 60_000;
const SECRET = 'the-key-of-the-api';

async function open(
  scope: Scope,
  given: { api?: 'v4' | 'v5'; more?: object; lookAside?: Partial<LookAsideConfig> } = {},
) {
  const mood: Mood = { bad: ['evil.example/'], waitMs: 30 * MINUTE, cacheMs: 5 * MINUTE, negativeMs: MINUTE };
  const fake = safeBrowsingServer(mood);
  const server = await feedServer(scope, fake.answer);
  const time = { now: Date.UTC(2026, 0, 2) };
  const lab = await feedLab(scope, { time, lookAside: { failuresMax: 2, ...given.lookAside } });
  const api = given.api ?? 'v5';
  const only = api === 'v5' ? ['mw-4b'] : ['MALWARE'];
  const how = { auth: 'header', header: 'X-Goog-Api-Key', caFile: server.tls.caFile, lookupTimeout: '500ms' };
  const body = { type: 'safe-browsing', url: `${server.url}/${api}/`, api, only, ...how, ...given.more };
  await lab.feeds.add('google', body, { secret: SECRET }, 'tester');
  const lists = lab.prefixLists();
  const sync = async (force = false) => {
    const result = await lab.feeds.sync('google', force, IO);
    await lists.refresh();
    return result;
  };
  /** What is known of a URL after everybody was asked. */
  const look = async (text: string) => {
    const url = canonicalUrl(text)!;
    await lists.prepare(url);
    return lists.lookupUrl(url);
  };
  const counted = (...labels: readonly string[]): number =>
    lab.metrics.snapshot()['feeds_full_hash_queries_total']?.find((each) => each.l.join() === labels.join())
      ?.v[0] ?? 0;
  const nextInMs = (): number => (lab.feeds.get('google').status.nextAtMs ?? 0) - time.now;
  return { mood, seen: fake.seen, time, lab, lists, sync, look, counted, nextInMs };
}

for (const api of ['v5', 'v4'] as const) {
  test(`${api}: lists are fetched with the key, a URL that fits is asked about by its prefix, and the answer is kept as long as it says`, async (t) => {
    const { mood, seen, time, sync, look, lab } = await open(scopeOf(t), { api });
    mood.bad = api === 'v4' ? ['evil.example/', 'long.example/a'] : ['evil.example/'];
    assert.equal((await sync()).entries, mood.bad.length);
    assert.deepEqual(await look('http://good.example/'), []);
    assert.equal(seen.length, 1, 'no prefix fits: nobody is asked');
    const [match] = await look('https://www.evil.example/x?y=1');
    assert.deepEqual(match, {
      feed: 'google',
      entry: 'evil.example/',
      kind: 'url',
      action: 'block',
      category: 'malware',
      severity: 'high',
      confidence: 100,
      tlp: 'green',
      addedAt: '2026-01-02T00:00:00.000Z',
      ageS: 0,
      expiresAt: '2026-01-02T00:05:00.000Z',
      licence: '',
    });
    assert.deepEqual(seen[1]?.prefixes, [hashOf('evil.example/').toString('hex', 0, 4)]);
    assert.deepEqual(new Set(seen.map(({ key }) => key)), new Set([SECRET]));
    await look('http://evil.example/');
    assert.equal(seen.length, 2, 'from memory');
    if (api === 'v4') {
      assert.equal((await look('http://long.example/a'))[0]?.entry, 'long.example/a');
      assert.deepEqual(seen.at(-1)?.prefixes, [hashOf('long.example/a').toString('hex', 0, 6)]);
      seen.pop();
    }
    time.now += 5 * MINUTE;
    mood.bad = [];
    assert.deepEqual(await look('http://evil.example/'), [], 'asked again: it is none any more');
    assert.equal(seen.length, 3);
    time.now += MINUTE - 1;
    await look('http://evil.example/');
    assert.equal(seen.length, 3, 'that it is none is kept, too');
    const secrets = readFileSync(join(lab.dataDir, 'feeds', 'secrets.sealed'));
    assert.equal(secrets.includes(SECRET), false);
    assert.doesNotMatch(JSON.stringify([lab.logged, lab.events, lab.feeds.list()]), new RegExp(SECRET));
  });
}

test('the server says when it wants to be asked again, and a sync before changes nothing', async (t) => {
  const { mood, seen, time, sync, nextInMs } = await open(scopeOf(t), { more: { every: '1m' } });
  mood.waitMs = 45 * MINUTE;
  await sync();
  assert.equal(nextInMs(), 45 * MINUTE);
  assert.equal((await sync()).result, 'unchanged');
  assert.equal(seen.length, 1);
  assert.equal((await sync(true)).result, 'changed', 'forced');
  assert.equal(seen.length, 2);
  time.now += 45 * MINUTE;
  assert.equal((await sync()).result, 'unchanged');
  assert.equal(seen.length, 3, 'asked, and the list is the same');
});

test('a list that does not fit its checksum is thrown away and fetched whole; one that never does is refused', async (t) => {
  const { mood, sync, time, lab, look } = await open(scopeOf(t));
  await sync();
  time.now += 31 * MINUTE;
  mood.bad = ['evil.example/', 'worse.example/'];
  mood.checksum = Buffer.alloc(32);
  const failure = await failureOf(sync());
  assert.equal(failure.code, 'FEEDS_SAFE_BROWSING');
  assert.match(failure.message, /mw-4b: the update has another checksum/);
  assert.equal((await look('http://evil.example/')).length, 1, 'the last good one stays');
  assert.equal((await look('http://worse.example/')).length, 0);
  delete mood.checksum;
  assert.equal((await sync()).entries, 2);
  assert.equal(lab.feeds.get('google').status.failures, 0);
});

test('a server that fails is left alone for longer each time, as the Update API says', async (t) => {
  const { mood, sync, time, nextInMs } = await open(scopeOf(t));
  mood.lists = 503;
  const waits: number[] = [];
  for (let failure = 0; failure < 9; failure++) {
    await failureOf(sync());
    waits.push(nextInMs() / MINUTE);
    time.now += nextInMs();
  }
  // Half of the chance between 15 and 30 minutes, doubled, up to a day.
  assert.deepEqual(waits, [22.5, 45, 90, 180, 360, 720, 1080, 1080, 1080]);
});

test('a question that fails blocks nothing: the request goes on, and the server rests', async (t) => {
  const { mood, sync, look, seen, time, counted, lab } = await open(scopeOf(t));
  await sync();
  mood.hashes = 500;
  assert.deepEqual(await look('http://evil.example/'), []);
  assert.deepEqual(await look('http://evil.example/'), []);
  assert.deepEqual([counted('google', 'failed'), counted('google', 'resting')], [1, 1]);
  assert.equal(seen.length, 2, 'one question, then silence');
  assert.ok(lab.logged.some(([event]) => event === 'feed.full-hashes-resting'));
  delete mood.hashes;
  time.now += 30 * MINUTE;
  assert.equal((await look('http://evil.example/')).length, 1);
  for (const hashes of ['silence', 'garbage'] as const) {
    time.now += 6 * MINUTE;
    mood.hashes = hashes;
    assert.deepEqual(await look('http://evil.example/'), [], hashes);
  }
  // Two in a row that were no answer: the pause of other upstreams.
  assert.deepEqual(await look('http://evil.example/'), []);
  assert.deepEqual([counted('google', 'failed'), counted('google', 'resting')], [3, 2]);
  delete mood.hashes;
  time.now += MINUTE;
  assert.equal((await look('http://evil.example/')).length, 1);
});

test('the quota is kept, and a redirect of a question is not followed', async (t) => {
  const { sync, look, counted, mood, time } = await open(scopeOf(t), {
    api: 'v4',
    more: { perMinute: 1, perDay: 2 },
  });
  await sync();
  assert.equal((await look('http://evil.example/')).length, 1);
  time.now += 5 * MINUTE;
  await look('http://evil.example/');
  time.now += 5 * MINUTE;
  assert.deepEqual(await look('http://evil.example/'), [], 'the day');
  assert.equal(counted('google', 'quota'), 1);
  time.now += 24 * 60 * MINUTE;
  mood.hashes = 307;
  mood.fields = { Location: 'http://127.0.0.1:1/' };
  assert.deepEqual(await look('http://evil.example/'), []);
  assert.equal(counted('google', 'failed'), 1);
});

test('private names are never asked about, and a damaged file is left out until it is fetched again', async (t) => {
  const { mood, sync, look, seen, lab, lists } = await open(scopeOf(t));
  mood.bad = ['wiki.corp/', 'evil.example/'];
  await sync();
  assert.deepEqual(await look('http://wiki.corp/'), []);
  assert.equal(seen.length, 1);
  const file = join(lab.dataDir, 'prefix-lists', 'google.lists');
  const bytes = readFileSync(file);
  bytes[bytes.length - 40]! ^= 1;
  writeFileSync(file, bytes);
  await lists.refresh();
  assert.equal(lists.isEmpty, true);
  await sync(true);
  assert.equal((await look('http://evil.example/')).length, 1);
});

test('what cannot be is refused when it is written', async (t) => {
  const lab = await feedLab(scopeOf(t));
  const url = 'https://sb.example/';
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ only: ['MALWARE'] }, /only: "MALWARE" is no list of four-byte prefixes of v5/],
    [{ only: ['gc-32b'] }, /gc-32b/],
    [{ api: 'v4', only: ['se-4b'] }, /"se-4b" is no list of v4/],
    [{ api: 'v4', only: ['MALWARE/WINDOWS/EXECUTABLE'] }, /is no list of v4/],
    [{ action: 'allow' }, /action: its lists are of threats/],
    [{ url: '/lists' }, /a safe-browsing feed is a URL/],
    [{ checksumUrl: url }, /checksum and signature are for types/],
    [{ lookupTimeout: '1h' }, /from 50ms to 1m/],
    [{ api: 'v3' }, /expected one of: v5, v4/],
  ];
  for (const [more, message] of cases) {
    const failure = await failureOf(
      lab.feeds.add('x', { type: 'safe-browsing', url, ...more }, {}, 'tester'),
    );
    assert.equal(failure.code, 'FEEDS_FIELDS');
    assert.match(failure.message, message);
  }
});
