import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dripped, MemoryWire, whole } from '../../../test/support/memory-wire.ts';
import { createWebServer, type WebAnswer, type WebSite } from './index.ts';

const clock = { now: () => Date.UTC(2026, 0, 2), monotonic: () => 0 };

async function play(text: string, answer: WebSite['answer'], isDripped = false) {
  const answered: [status: number, bytesOut: number][] = [];
  const failures: unknown[] = [];
  const server = createWebServer({
    clock,
    limits: {
      headBytesMax: 1000,
      targetBytesMax: 500,
      fieldsMax: 20,
      chunkLineBytesMax: 100,
      trailerBytesMax: 200,
    },
    bodyBytesMax: 5,
    bodyBytesSetting: 'api.bodyBytesMax',
    admit: () => undefined,
    streams: ({ path }) => path === '/lines',
    answer,
    answered: (_request, { status }, _tookMs, bytesOut) => void answered.push([status, bytesOut]),
    violated: () => {},
    failed: (_request, error) => void failures.push(error),
  });
  const wire = new MemoryWire((isDripped ? dripped : whole)(text));
  await server.serve(wire, { idleMs: 60_000, headMs: 5000 });
  const [head = '', ...rest] = wire.text.split('\r\n\r\n');
  return { wire, head, body: rest.join('\r\n\r\n'), text: wire.text, answered, failures };
}

const pieces = (...texts: string[]): WebAnswer => ({
  status: 200,
  type: 'text/plain',
  stream: async (out) => {
    for (const text of texts) await out.write(text);
  },
});

test('an answer of unknown length comes in chunks, and the connection goes on', async () => {
  const two = 'GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n';
  const { head, body, text, answered } = await play(two, () => pieces('one', '', 'zwölf'));
  assert.match(head, /^Transfer-Encoding: chunked$/m);
  assert.doesNotMatch(head, /Content-Length|Connection/);
  assert.equal(body.slice(0, 25), '3\r\none\r\n6\r\nzw\u00c3\u00b6lf\r\n0\r\n\r\nHTTP'.slice(0, 25));
  assert.equal(text.split('HTTP/1.1 200').length, 3);
  assert.deepEqual(answered, [
    [200, 9],
    [200, 9],
  ]);
});

test('a known length is told; HTTP/1.0 hears the end of the connection; HEAD hears no body', async () => {
  const known = await play('GET / HTTP/1.1\r\nHost: h\r\n\r\n', () => ({ ...pieces('abc', 'd'), length: 4 }));
  assert.match(known.head, /^Content-Length: 4$/m);
  assert.equal(known.body, 'abcd');
  const old = await play('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', () => pieces('abc', 'd'));
  assert.match(old.head, /^Connection: close$/m);
  assert.doesNotMatch(old.head, /Transfer-Encoding|Content-Length/);
  assert.equal(old.body, 'abcd');
  const head = await play('HEAD / HTTP/1.1\r\nHost: h\r\n\r\n', () => pieces('abc'));
  assert.equal(head.body, '');
  assert.deepEqual(head.answered, [[200, 0]]);
});

test('an answer that breaks off cuts the connection before its last chunk', async () => {
  const { body, wire, failures } = await play('GET / HTTP/1.1\r\nHost: h\r\n\r\n', () => ({
    status: 200,
    stream: async (out) => {
      await out.write('half');
      throw new Error('disk gone');
    },
  }));
  assert.equal(body, '4\r\nhalf\r\n');
  assert.equal(wire.ended, 'closed-here');
  assert.match(String(failures[0]), /disk gone/);
});

/** Answers each piece of the body as it comes, in capitals. */
const echo: WebSite['answer'] = ({ chunks }) => ({
  status: 200,
  stream: async (out) => {
    for await (const chunk of chunks ?? []) await out.write(Buffer.from(chunk).toString().toUpperCase());
  },
});

test('a body that is read as it comes may be larger than the bound, and pipelining goes on behind it', async () => {
  const post =
    'POST /lines HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsix by\r\n4\r\nfour\r\n0\r\n\r\n';
  for (const isDripped of [false, true]) {
    const { body, text, answered } = await play(`${post}${post}`, echo, isDripped);
    const said = body
      .split('HTTP/1.1')[0]!
      .replace(/[0-9a-f]+\r\n/g, '')
      .replaceAll('\r\n', '');
    assert.equal(said, 'SIX BYFOUR');
    assert.equal(text.split('HTTP/1.1 200').length, 3);
    assert.deepEqual(answered, [
      [200, 10],
      [200, 10],
    ]);
  }
});

test('what is left unread ends the connection; what breaks off is told or cut', async () => {
  const post = 'POST /lines HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n0123456789';
  const unread = await play(`${post}${post}`, () => ({ status: 200, body: 'no' }));
  assert.match(unread.head, /^Connection: close$/m);
  assert.equal(unread.text.split('HTTP/1.1 200').length, 2);
  const cut = await play(post.slice(0, -3), echo);
  assert.equal(cut.wire.ended, 'closed-here', 'an answer under way is cut');
  assert.deepEqual(cut.failures, [], 'the fault is not ours');
  const early = await play(post.slice(0, -3), async ({ chunks }) => {
    let bytes = 0;
    for await (const chunk of chunks ?? []) bytes += chunk.length;
    return { status: 200, body: String(bytes) };
  });
  assert.match(early.head, /^HTTP\/1\.1 400 /);
  assert.match(early.body, /body-cut/);
});
