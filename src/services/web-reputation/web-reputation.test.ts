import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Match } from '../../kernel/index.ts';
import {
  documentOf,
  EVIL,
  openWebReputation,
  statusOf,
  type WebDoorOptions,
} from '../../../test/support/web-doors.ts';
import { verdictJson } from './verdict-json.ts';

async function ask(line: string, options: WebDoorOptions = {}, fields = '') {
  const door = await openWebReputation(options);
  const text = await door.say('webReputation', `${line} HTTP/1.1\r\nHost: gw\r\n${fields}\r\n`);
  return { door, text, status: statusOf(text), document: text.includes('json') ? documentOf(text) : {} };
}

test('what is wrong with a URL is said with a code', async () => {
  const limits: WebDoorOptions = {
    config: (base) => ({ ...base, reputation: { ...base.reputation, urlBytesMax: 50 } }),
  };
  for (const [query, code] of [
    ['', 'url-missing'],
    ['?url=', 'url-missing'],
    ['?uri=http://x/', 'url-missing'],
    ['?url=%zz', 'url-missing'],
    ['?url=http%3A%2F%2F', 'url-unreadable'],
    ['?url=http%3A%2F%2Fx%3A99999%2F', 'url-unreadable'],
    [`?url=http://x/${'a'.repeat(50)}`, 'url-too-long'],
  ] as const) {
    const { status, document, door } = await ask(`GET /v1/url${query}`, limits);
    assert.deepEqual([status, document['code']], [400, code], query);
    assert.equal(door.entries[0]?.reason, code);
  }
});

test('a token is asked for when the operator wants that', async () => {
  const options: WebDoorOptions = {
    config: (base) => ({ ...base, reputation: { ...base.reputation, requireToken: true } }),
  };
  for (const [fields, status] of [
    ['', 401],
    ['x-apikey: proxied\r\n', 403],
    ['x-apikey: asker\r\n', 200],
    ['Authorization: Bearer reader\r\n', 200],
    [`Authorization: Basic ${btoa('ana:pw')}\r\n`, 200],
    [`Authorization: Basic ${btoa('ana:no')}\r\n`, 401],
  ] as const) {
    const answer = await ask('GET /v1/url?url=evil.example', options, fields);
    assert.equal(answer.status, status, fields);
    assert.equal(answer.door.counted('web_reputation_queries_total', 'malicious'), status === 200 ? 1 : 0);
  }
  const { door } = await ask('GET /v1/url?url=evil.example', options);
  assert.equal(door.counted('web_reputation_refused_total', 'no-credentials'), 1);
});

test('the door says what it has, and the log what was found', async () => {
  const welcome = await ask('GET /');
  assert.match(welcome.text, /200 OK[^]*GET {2}\/v1\/url\?url=URL/);
  const { door } = await ask('GET /v1/url?url=http%3A%2F%2Fevil.example%2Fa%2F');
  const [entry] = door.entries;
  assert.deepEqual(
    [entry?.door, entry?.source, entry?.status, entry?.reason, entry?.feed, entry?.entry],
    ['web-reputation', '10.0.0.9', 200, 'malicious', 'urlhaus', 'evil.example/a/'],
  );
  assert.equal((await ask('POST /v1/url?url=x')).status, 405);
});

test('a draining door ends the connection with the next answer', async () => {
  const door = await openWebReputation();
  door.drain();
  const text = await door.say('webReputation', 'GET / HTTP/1.1\r\nHost: gw\r\n\r\n'.repeat(2));
  assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 1);
  assert.match(text, /\r\nConnection: close\r\n/);
});

test('the text is the JSON of the same object, whatever is in it', () => {
  const nasty = 'a"\\\u0000\u001b\u2028ä😀\ud800</script>';
  const match: Match = { ...EVIL.matches[0]!, feed: nasty, entry: nasty, category: nasty, licence: nasty };
  const allow: Match = { ...match, feed: 'local', action: 'allow', category: '' };
  const text = verdictJson(nasty, { verdict: 'suspicious', score: 60, matches: [match, match, allow] });
  assert.match(text, /^[\x20-\x7e]+\n$/);
  assert.deepEqual(JSON.parse(text), {
    url: nasty,
    verdict: 'suspicious',
    score: 60,
    categories: [nasty],
    reasons: [
      `feed-block: ${nasty} has ${nasty}`,
      `feed-block: ${nasty} has ${nasty}`,
      `local-allow: local has ${nasty}`,
    ],
    // What is undefined is not in the text.
    matches: JSON.parse(JSON.stringify([match, match, allow])),
  });
});

test('what models say stands beside what lists say, as far as it is wanted', async () => {
  const mode = (urls: 'off' | 'monitor'): WebDoorOptions => ({
    config: (base) => ({ ...base, prediction: { ...base.prediction, urls } }),
  });
  const query = 'GET /v1/url?url=http%3A%2F%2Fpaypa1-secure.top%2Flogin';
  const { document } = await ask(query, mode('monitor'));
  assert.deepEqual([document['verdict'], document['score']], ['unknown', 50]);
  // The document has just been parsed.
  const prediction = document['prediction'] as Record<string, unknown>;
  assert.deepEqual([prediction['mode'], prediction['verdict']], ['monitor', 'malicious']);
  assert.ok((prediction['reasons'] as unknown[]).length > 0);
  assert.equal((await ask(query, mode('off'))).document['prediction'], undefined);
  const listed = await ask('GET /v1/url?url=http%3A%2F%2Fevil.example%2F', mode('monitor'));
  assert.equal(listed.document['prediction'], undefined);
});
