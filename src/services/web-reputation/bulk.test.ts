import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { statusOf, openWebReputation, type WebDoorOptions } from '../../../test/support/web-doors.ts';
import { loadConfig } from '../../engines/config/index.ts';
import type { WebRequest } from '../../engines/web/index.ts';
import { bulkAnswer } from './bulk.ts';
import type { WebReputationEngines } from './context.ts';
import { LineCutter } from './lines.ts';

/** Sends a body in pieces and gives the answers, one a line. */
async function bulk(body: string | Uint8Array, piece = 7, options: WebDoorOptions = {}, query = '') {
  const door = await openWebReputation(options);
  const bytes = Buffer.from(body);
  const head = Buffer.from(
    `POST /v1/urls${query} HTTP/1.1\r\nHost: gw\r\nContent-Length: ${bytes.length}\r\n\r\n`,
  );
  const pieces = [head];
  for (let at = 0; at < bytes.length; at += piece) pieces.push(bytes.subarray(at, at + piece));
  const text = await door.say('webReputation', pieces);
  return { door, text, status: statusOf(text), lines: linesOf(text) };
}

function linesOf(text: string): readonly Record<string, unknown>[] {
  const start = text.indexOf('\r\n\r\n') + 4;
  let body = '';
  for (let at = start; at < text.length;) {
    const end = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, end), 16);
    body += text.slice(end + 2, end + 2 + size);
    at = end + 2 + size + 2;
  }
  const utf8 = Buffer.from(body, 'latin1').toString('utf8');
  return utf8
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

const limits: WebDoorOptions = {
  config: (base) => ({ ...base, reputation: { ...base.reputation, urlBytesMax: 60, lineBytesMax: 100 } }),
};

test('what models say is told where it is asked for', async () => {
  const body = 'http://paypa1-secure.top/login\n';
  assert.equal((await bulk(body)).lines[0]!['prediction'], undefined);
  const [told] = (await bulk(body, 7, {}, '?prediction=true')).lines;
  assert.deepEqual(
    [told!['verdict'], (told!['prediction'] as { mode: string }).mode],
    ['unknown', 'monitor'],
  );
});

test('each line has its answer, in the form that it came in', async () => {
  const body = [
    'http://evil.example/a/b',
    '"http://evil.example/\\u0061"',
    '{"url":"http://evil.example/c"}',
    '{"id": 7, "url": "evil.example"}',
    '',
    'example.org\r',
    'http://exämple.org/ü',
    'mailto:x',
    '{"uri":"x"}',
    '{"url":"x"',
    `http://x/${'a'.repeat(70)}`,
    'y'.repeat(101),
    'z'.repeat(500),
    '"evil.example"',
  ].join('\n');
  for (const piece of [1, 7, 64, 4096]) {
    const { status, lines, door } = await bulk(body, piece, limits);
    assert.equal(status, 200);
    assert.deepEqual(
      lines.map(({ url, verdict, error }) => [url, verdict ?? error]),
      [
        ['http://evil.example/a/b', 'malicious'],
        ['http://evil.example/a', 'malicious'],
        ['http://evil.example/c', 'malicious'],
        ['evil.example', 'malicious'],
        ['example.org', 'unknown'],
        ['http://exämple.org/ü', 'unknown'],
        ['mailto:x', 'url-unreadable'],
        [null, 'line-unreadable'],
        [null, 'line-unreadable'],
        [`http://x/${'a'.repeat(70)}`, 'url-unreadable'],
        [null, 'line-too-long'],
        [null, 'line-too-long'],
        ['evil.example', 'malicious'],
      ],
    );
    assert.equal(door.counted('web_reputation_queries_total', 'malicious'), 5);
    assert.deepEqual([door.entries[0]?.reason, door.entries[0]?.bytesIn], ['bulk', Buffer.byteLength(body)]);
  }
  assert.deepEqual((await bulk('')).lines, []);
});

test('a token is asked for where the operator wants that', async () => {
  const { status, door } = await bulk('evil.example\n', 7, {
    config: (base) => ({ ...base, reputation: { ...base.reputation, requireToken: true } }),
  });
  assert.equal(status, 401);
  assert.equal(door.counted('web_reputation_queries_total', 'malicious'), 0);
});

test('lines are the same however the body is cut', () => {
  const line = fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\n', ''));
  fc.assert(
    fc.property(
      fc.array(line),
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 9 })),
      (lines, ended, cuts) => {
        const bytes = Buffer.from(lines.join('\n') + (ended ? '\n' : ''));
        const cutter = new LineCutter(10);
        const texts: (string | undefined)[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          texts.push(...cutter.take(bytes.subarray(at, at + cut)));
          at = Math.min(bytes.length, at + cut);
        }
        texts.push(...cutter.end());
        const got = texts.flatMap((text) =>
          text === undefined ? [undefined] : text.split('\n').slice(0, -1),
        );
        const wanted = bytes.toString().split('\n');
        if (wanted.at(-1) === '') wanted.pop();
        assert.deepEqual(
          got.map((text) => (text === undefined || Buffer.byteLength(text) > 10 ? undefined : text)),
          wanted.map((text) => (Buffer.byteLength(text) > 10 ? undefined : text)),
        );
      },
    ),
  );
});

test('a client that does not read is read no further, and what it gets is whole', async () => {
  const base = loadConfig({ flags: {}, environment: {}, checkout: undefined, cores: 1 });
  const config = { ...base, reputation: { ...base.reputation, answersBytesMax: 64 * 1024 } };
  const verdicts = { evaluateUrl: () => ({ verdict: 'unknown', score: 50, matches: [] }) as const };
  const piece = Buffer.from('http://example.org/\n'.repeat(500));
  const state = { asked: 0, text: '', open: () => {} };
  const body = async function* () {
    for (; state.asked < 40; state.asked++) yield piece;
  };
  // Only these engines are asked.
  const answer = bulkAnswer({ config, verdicts } as unknown as WebReputationEngines, () => {});
  const opened = new Promise<void>((resolve) => {
    state.open = resolve;
  });
  const out = {
    gone: false,
    write: async (text: string | Uint8Array) => {
      await opened;
      state.text += String(text);
    },
  };
  // Of a request only these are read.
  const done = answer({ chunks: body(), query: '' } as unknown as WebRequest).stream?.(out);
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  assert.deepEqual([linesOfText(state.text).length, state.asked < 5], [0, true]);
  state.open();
  await done;
  assert.equal(linesOfText(state.text).length, 40 * 500);
});

function linesOfText(text: string): readonly string[] {
  return text.split('\n').slice(0, -1);
}
