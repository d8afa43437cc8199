import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCertificate } from '../../../test/support/authority.ts';
import { lookAsideLab, sendJson, startUpstream } from '../../../test/support/look-aside.ts';
import { scopeOf, tempDir } from '../../../test/support/scope.ts';
import { canonicalUrl } from '../../protocols/url/index.ts';

const SHA256 = 'a'.repeat(64);
const MD5 = 'b'.repeat(32);

function vtObject(malicious: number, more: object = {}) {
  const last_analysis_stats = {
    malicious,
    suspicious: 0,
    harmless: 10,
    undetected: 60 - malicious,
    timeout: 0,
  };
  const attributes = { last_analysis_stats, last_analysis_date: 1_767_000_000, ...more };
  return { data: { type: 'file', id: SHA256, attributes } };
}

test('VirusTotal is asked with its key, and its engines become a match under the name of the upstream', async (t) => {
  const scope = scopeOf(t);
  const server = await startUpstream(scope, (target, response) => {
    if (target.startsWith('/api/v3/files/')) {
      sendJson(
        response,
        vtObject(42, { popular_threat_classification: { suggested_threat_label: 'trojan.x' } }),
      );
    } else if (target.startsWith('/api/v3/urls/')) sendJson(response, vtObject(1));
    else sendJson(response, { error: { code: 'NotFoundError', message: 'no' } }, 404);
  });
  const tokenFile = join(await tempDir(scope), 'key');
  await writeFile(tokenFile, 'secret-key\n', { mode: 0o600 });
  const { lookAside } = lookAsideLab(scope, [{ type: 'virustotal', name: 'vt', url: server.url, tokenFile }]);
  const [match] = await lookAside.file(SHA256);
  assert.deepEqual(match, {
    feed: 'vt',
    entry: SHA256,
    kind: 'hash',
    action: 'block',
    category: 'trojan.x',
    severity: 'critical',
    confidence: 75,
    tlp: 'green',
    addedAt: new Date(1_767_000_000_000).toISOString(),
    ageS: Date.UTC(2026, 0, 2) / 1000 - 1_767_000_000,
    expiresAt: '2026-01-02T06:00:00.000Z',
    licence: '',
  });
  const [site] = await lookAside.url(canonicalUrl('http://evil.example.com/a')!);
  assert.equal(site?.severity, 'low');
  assert.equal(site.entry, 'evil.example.com/a');
  assert.deepEqual(await lookAside.host('good.example.com'), []);
  assert.deepEqual(
    server.asked.map(({ target }) => target),
    [
      `/api/v3/files/${SHA256}`,
      `/api/v3/urls/${Buffer.from('http://evil.example.com/a').toString('base64url')}`,
      '/api/v3/domains/good.example.com',
    ],
  );
  assert.equal(server.asked[0]?.headers['x-apikey'], 'secret-key');
});

test('hashlookup knows bad and good files; an answer about another file is none', async (t) => {
  const scope = scopeOf(t);
  const server = await startUpstream(scope, (target, response) => {
    if (target === `/lookup/md5/${MD5}`) {
      sendJson(response, { MD5: MD5.toUpperCase(), KnownMalicious: 'malshare.com', 'hashlookup:trust': 30 });
    } else if (target === `/lookup/sha256/${SHA256}`) {
      sendJson(response, { 'SHA-256': SHA256.toUpperCase(), 'hashlookup:trust': 80 });
    } else if (target === `/lookup/sha1/${'c'.repeat(40)}`) sendJson(response, { 'SHA-1': 'D'.repeat(40) });
    else sendJson(response, { message: 'Non existing SHA-1', query: 'x' }, 404);
  });
  const { lookAside, counted } = lookAsideLab(scope, [
    { type: 'hashlookup', name: 'circl', url: `${server.url}/`, kinds: ['file'] },
  ]);
  const [bad] = await lookAside.file(MD5);
  assert.deepEqual([bad?.action, bad?.category], ['block', 'malware']);
  const [good] = await lookAside.file(SHA256);
  assert.deepEqual([good?.action, good?.confidence], ['allow', 80]);
  assert.deepEqual(await lookAside.file('c'.repeat(40)), []);
  assert.equal(counted('look_aside_queries_total', 'circl', 'unreadable'), 1);
  assert.deepEqual(await lookAside.file('e'.repeat(40)), []);
  assert.deepEqual(await lookAside.host('evil.example.com'), [], 'it is never asked about hosts');
  assert.equal(server.asked.length, 4);
});

test('upstreams are asked in order until one knows, and the answer is kept for its time', async (t) => {
  const scope = scopeOf(t);
  const first = await startUpstream(scope, (_target, response) => sendJson(response, { matches: [] }));
  const second = await startUpstream(scope, (target, response) => {
    const entry = { feed: 'urlhaus', entry: 'evil.example.com', kind: 'domain', action: 'block' };
    sendJson(response, { matches: target.includes('evil') ? [{ ...entry, severity: 'medium' }] : [] });
  });
  const { lookAside, time, counted } = lookAsideLab(scope, [{ url: first.url }, { url: second.url }]);
  const host = 'evil.example.com';
  const matches = await lookAside.host(host);
  assert.deepEqual(
    matches.map(({ feed, entry, severity }) => [feed, entry, severity]),
    [['upstream-1', host, 'medium']],
  );
  assert.equal(lookAside.host(host), matches, 'from memory, without a promise');
  assert.deepEqual([first.asked.length, second.asked.length], [1, 1]);
  time.nowMs += 6 * 3_600_000;
  await lookAside.host(host);
  assert.equal(second.asked.length, 2);
  await lookAside.host('good.example.com');
  await lookAside.host('good.example.com');
  assert.equal(second.asked.length, 3);
  time.nowMs += 15 * 60_000;
  await lookAside.host('good.example.com');
  assert.equal(second.asked.length, 4);
  assert.equal(counted('look_aside_answers_total', 'cache'), 2);
});

test('the same question at the same time is asked once; too many others are not asked at all', async (t) => {
  const scope = scopeOf(t);
  const held = Promise.withResolvers<void>();
  const server = await startUpstream(scope, (_target, response) => {
    void held.promise.then(() => sendJson(response, { matches: [] }));
  });
  const { lookAside, counted } = lookAsideLab(scope, [{ url: server.url }], { waitingMax: 2 });
  const asked = Array.from({ length: 10 }, () => lookAside.file(SHA256));
  const other = lookAside.file(MD5);
  assert.deepEqual(lookAside.file('d'.repeat(40)), [], 'busy');
  held.resolve();
  await Promise.all([...asked, other]);
  assert.equal(server.asked.length, 2);
  assert.equal(counted('look_aside_answers_total', 'joined'), 9);
  assert.equal(counted('look_aside_answers_total', 'busy'), 1);
});

test('private names and addresses never leave the house', async (t) => {
  const scope = scopeOf(t);
  const server = await startUpstream(scope, (_target, response) => sendJson(response, { matches: [] }));
  const { lookAside, counted } = lookAsideLab(scope, [{ url: server.url }], {
    privateSuffixes: ['corp.example.com'],
  });
  const hosts = [
    'intranet',
    'corp.example.com',
    'wiki.corp.example.com',
    '10.1.2.3',
    '[fd00::1]',
    '[::ffff:192.168.1.1]',
  ];
  for (const host of hosts) assert.deepEqual(await lookAside.host(host), [], host);
  for (const address of [
    '127.0.0.1',
    '169.254.169.254',
    '2001:db8::1',
    'fe80::1',
    '64:ff9b::10.0.0.1',
    '224.0.0.1',
  ]) {
    assert.deepEqual(await lookAside.address(address), [], address);
  }
  for (const url of [
    'http://wiki.corp.example.com/a',
    'http://[fd00::1]/',
    'http://10.0.0.1/x',
    'http://a.example.com/?token=1',
  ]) {
    assert.deepEqual(await lookAside.url(canonicalUrl(url)!), [], url);
  }
  assert.equal(server.asked.length, 0);
  assert.equal(counted('look_aside_answers_total', 'private'), 16);
  await lookAside.host('notcorp.example.com');
  await lookAside.address('2606:4700::1');
  await lookAside.url(canonicalUrl('http://8.8.8.8/a')!);
  assert.equal(server.asked.length, 3);
});

test('the quota of the gateway is kept, and nothing is asked while nobody counts', async (t) => {
  const scope = scopeOf(t);
  const server = await startUpstream(scope, (_target, response) => sendJson(response, { matches: [] }));
  const { lookAside, time, control, counted } = lookAsideLab(scope, [
    { url: server.url, perMinute: 2, perDay: 3 },
  ]);
  const ask = async (at: number) => lookAside.file(String(at).padStart(64, '0'));
  for (let at = 0; at < 5; at++) await ask(at);
  assert.equal(server.asked.length, 2);
  time.nowMs += 60_000;
  for (let at = 5; at < 9; at++) await ask(at);
  assert.equal(server.asked.length, 3, 'the day');
  assert.equal(counted('look_aside_queries_total', 'upstream-0', 'quota'), 6);
  time.nowMs += 86_400_000;
  control.isAway = true;
  await ask(10);
  assert.equal(server.asked.length, 3);
  control.isAway = false;
  await ask(10);
  assert.equal(server.asked.length, 4, 'what was not asked is not kept as unknown');
});

test('an upstream that is slow, broken, talkative or wrong rests after some failures, then gets one try', async (t) => {
  const scope = scopeOf(t);
  let mood: 'slow' | 'garbage' | 'reset' | 'large' | 'error' | 'fine' = 'slow';
  const server = await startUpstream(scope, (_target, response) => {
    if (mood === 'slow') return;
    if (mood === 'reset') response.socket?.destroy();
    else if (mood === 'garbage') response.end('<html>');
    else if (mood === 'large') response.end(JSON.stringify({ matches: [], more: 'x'.repeat(100_000) }));
    else if (mood === 'error') sendJson(response, {}, 503);
    else sendJson(response, { matches: [] });
  });
  const { lookAside, time, logged, counted } = lookAsideLab(scope, [{ url: server.url, timeoutMs: 2000 }], {
    failuresMax: 5,
    answerBytesMax: 10_000,
  });
  const ask = async (at: number) => lookAside.file(String(at).padStart(64, '0'));
  const moods = ['slow', 'garbage', 'reset', 'large', 'error'] as const;
  for (const [at, each] of moods.entries()) {
    mood = each;
    assert.deepEqual(await ask(at), [], each);
  }
  for (const result of ['timeout', 'unreadable', 'unreachable', 'too-large', 'status']) {
    assert.equal(counted('look_aside_queries_total', 'upstream-0', result), 1, result);
  }
  assert.deepEqual(lookAside.resting(), ['upstream-0']);
  assert.equal(logged.filter(([event]) => event === 'look-aside.resting').length, 1);
  await ask(20);
  assert.equal(server.asked.length, 5);
  time.nowMs += 60_000;
  mood = 'error';
  await ask(21);
  await ask(22);
  assert.equal(server.asked.length, 6, 'one try');
  time.nowMs += 60_000;
  mood = 'fine';
  await ask(23);
  await ask(24);
  assert.equal(server.asked.length, 8);
  assert.deepEqual(lookAside.resting(), []);
});

test('429 is heeded for as long as it says', async (t) => {
  const scope = scopeOf(t);
  const server = await startUpstream(scope, (_target, response) =>
    response.writeHead(429, { 'Retry-After': '30' }).end(),
  );
  const { lookAside, time, counted } = lookAsideLab(scope, [{ url: server.url, type: 'virustotal' }]);
  await lookAside.file(SHA256);
  await lookAside.file(MD5);
  assert.equal(server.asked.length, 1);
  assert.equal(counted('look_aside_queries_total', 'upstream-0', 'resting'), 1);
  time.nowMs += 30_000;
  await lookAside.file(MD5);
  assert.equal(server.asked.length, 2);
});

test('over TLS the certificate is checked against the authorities of the upstream', async (t) => {
  const scope = scopeOf(t);
  const made = await makeCertificate(scope);
  const serve = (_target: string, response: Parameters<typeof sendJson>[0]) =>
    sendJson(response, { matches: [{ entry: SHA256, kind: 'hash', action: 'block' }] });
  const server = await startUpstream(scope, serve, made);
  const trusting = lookAsideLab(scope, [{ url: server.url, caFile: made.caFile }]);
  assert.equal((await trusting.lookAside.file(SHA256)).length, 1);
  assert.equal((await trusting.lookAside.file(MD5)).length, 1, 'the connection is used again');
  const doubting = lookAsideLab(scope, [{ url: server.url }]);
  assert.deepEqual(await doubting.lookAside.file(SHA256), []);
  assert.equal(doubting.counted('look_aside_queries_total', 'upstream-0', 'unreachable'), 1);
});

test('a key that others may read is refused with the name of its file', async (t) => {
  const scope = scopeOf(t);
  const tokenFile = join(await tempDir(scope), 'key');
  await writeFile(tokenFile, 'secret\n', { mode: 0o644 });
  assert.throws(() => lookAsideLab(scope, [{ url: 'http://127.0.0.1:1', tokenFile }]), {
    code: 'LOOK_ASIDE_TOKEN_FILE',
    message: /open-to-others/,
  });
});
