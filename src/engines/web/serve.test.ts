import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dripped, MemoryWire, type MemoryWireOptions, whole } from '../../../test/support/memory-wire.ts';
import { createWebServer, problemAnswer, queryParameter, type WebRequest, type WebSite } from './index.ts';

const TIMES = { idleMs: 60_000, headMs: 5000 };
const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6), monotonic: () => 0 };
const BASE =
  "Date: Fri, 02 Jan 2026 03:04:05 GMT\r\nX-Content-Type-Options: nosniff\r\nContent-Type: text/plain\r\nContent-Length: N\r\nCache-Control: no-store\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";

interface Played {
  readonly text: string;
  readonly wire: MemoryWire;
  readonly requests: readonly WebRequest[];
  readonly violations: readonly string[];
  readonly failures: readonly unknown[];
}

function site(change: Partial<WebSite> = {}) {
  const requests: WebRequest[] = [];
  const violations: string[] = [];
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
    bodyBytesMax: 20,
    bodyBytesSetting: 'api.bodyBytesMax',
    admit: () => undefined,
    answer: ({ method, path, body }) => ({
      status: 200,
      type: 'text/plain',
      body: `${method} ${path} ${Buffer.from(body).toString()}`,
    }),
    answered: (request) => void requests.push(request),
    violated: (code) => void violations.push(code),
    failed: (_request, error) => void failures.push(error),
    ...change,
  });
  return { server, requests, violations, failures };
}

async function play(
  text: string | readonly Uint8Array[],
  change: Partial<WebSite> = {},
  options: MemoryWireOptions = {},
): Promise<Played> {
  const { server, ...seen } = site(change);
  const wire = new MemoryWire(typeof text === 'string' ? whole(text) : text, options);
  await server.serve(wire, TIMES);
  return { text: wire.text, wire, ...seen };
}

function expected(body: string, { line = 'HTTP/1.1 200 OK', connection = '', sent = body } = {}): string {
  return `${line}\r\n${BASE.replace('N', String(Buffer.byteLength(body)))}${connection}\r\n${sent}`;
}

test('requests of one connection are answered in order, however they are cut', async () => {
  const text =
    'GET /a?b=c HTTP/1.1\r\nHost: gw\r\n\r\nPOST /ä HTTP/1.1\r\nHost: gw\r\n\r\n'.replace('ä', '%C3%A4') +
    'POST /b HTTP/1.1\r\nHost: gw\r\nContent-Length: 3\r\n\r\nabcHEAD /c HTTP/1.1\r\nHost: gw\r\n\r\n' +
    'PUT /d HTTP/1.1\r\nHost: gw\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET /never HTTP/1.1\r\n';
  const answers =
    expected('GET /a ') +
    expected('POST /%C3%A4 ') +
    expected('POST /b abc') +
    expected('HEAD /c ', { sent: '' }) +
    expected('PUT /d abcde', { connection: 'Connection: close\r\n' });
  for (const chunks of [whole(text), dripped(text)]) {
    const played = await play(chunks);
    assert.equal(played.text, answers);
    assert.deepEqual(
      played.requests.map(({ target }) => target),
      ['/a?b=c', '/%C3%A4', '/b', '/c', '/d'],
    );
  }
});

test('answers to pipelined requests are written at once', async () => {
  const { wire } = await play('GET /a HTTP/1.1\r\nHost: gw\r\n\r\n'.repeat(50));
  assert.equal(wire.writes, 1);
});

test('HTTP/1.0 is told whether the connection stays', async () => {
  const stays = await play(
    'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n',
  );
  assert.equal(
    stays.text,
    expected('GET / ', { connection: 'Connection: keep-alive\r\n' }) +
      expected('GET / ', { connection: 'Connection: close\r\n' }),
  );
});

test('the body is asked for when the client waits for that', async () => {
  const head = 'POST / HTTP/1.1\r\nHost: gw\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n';
  const { server } = site();
  const wire = new MemoryWire(whole(head), { open: true });
  const served = server.serve(wire, TIMES);
  await wire.idle();
  assert.equal(wire.text, 'HTTP/1.1 100 Continue\r\n\r\n');
  wire.send('hi');
  await wire.idle();
  wire.closePeer();
  await served;
  assert.equal(wire.text, `HTTP/1.1 100 Continue\r\n\r\n${expected('POST / hi')}`);
});

test('a body beyond the bound is refused, before it is sent where its length is known', async () => {
  const known = await play(
    'POST / HTTP/1.1\r\nHost: gw\r\nExpect: 100-continue\r\nContent-Length: 21\r\n\r\nGET / HTTP/1.1\r\nHost: gw\r\n\r\n',
  );
  const chunked = await play(
    `POST / HTTP/1.1\r\nHost: gw\r\nTransfer-Encoding: chunked\r\n\r\n15\r\n${'x'.repeat(21)}\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: gw\r\n\r\n`,
  );
  for (const { text, requests } of [known, chunked]) {
    assert.match(
      text,
      /^HTTP\/1\.1 413 Content Too Large\r\n[^]*Connection: close\r\n\r\n\{.*"code":"body-too-large"/,
    );
    assert.match(text, /api\.bodyBytesMax/);
    assert.equal(requests.length, 1, 'what follows is not read as a request');
  }
});

test('what admission refuses is answered without its body', async () => {
  const refused = problemAnswer({ status: 403, code: 'no', title: 'No' });
  const post = await play(
    'POST / HTTP/1.1\r\nHost: gw\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: gw\r\n\r\n',
    {
      admit: ({ method }) => (method === 'POST' ? refused : undefined),
    },
  );
  assert.match(post.text, /^HTTP\/1\.1 403 Forbidden\r\n[^]*Connection: close\r\n/);
  assert.equal(post.requests.length, 1);
  const get = await play('GET / HTTP/1.1\r\nHost: gw\r\n\r\n'.repeat(2), { admit: () => refused });
  assert.equal(get.text.match(/HTTP\/1\.1 403/g)?.length, 2, 'without a body the connection stays');
});

test('admission is asked once, also for a body of no bytes', async () => {
  for (const framing of [
    '',
    'Content-Length: 0\r\n',
    'Transfer-Encoding: chunked\r\n',
    'Content-Length: 1\r\n',
  ]) {
    let asked = 0;
    const body = framing.startsWith('T') ? '0\r\n\r\n' : framing.endsWith('1\r\n') ? 'x' : '';
    const { text } = await play(`POST / HTTP/1.1\r\nHost: gw\r\n${framing}\r\n${body}`, {
      admit: () => void asked++,
    });
    assert.equal(asked, 1, framing);
    assert.match(text, /200 OK/);
  }
});

test('a malformed message is a problem with its code, counted, and the last one', async () => {
  for (const [text, status, code] of [
    ['GET  / HTTP/1.1\r\nHost: gw\r\n\r\n', 400, 'HTTP1_BAD_REQUEST_LINE'],
    ['GET / HTTP/1.1\r\n\r\n', 400, 'HTTP1_MISSING_HOST'],
    [
      'GET / HTTP/1.1\r\nHost: gw\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'HTTP1_LENGTH_AND_CODING',
    ],
    [`GET /${'x'.repeat(600)} HTTP/1.1\r\nHost: gw\r\n\r\n`, 414, 'HTTP1_TARGET_TOO_LONG'],
    [`GET / HTTP/1.1\r\nHost: gw\r\nX: ${'x'.repeat(2000)}\r\n\r\n`, 431, 'HTTP1_HEAD_TOO_LARGE'],
    ['GET / HTTP/1.1\r\nHost: g', 400, 'HTTP1_CUT_HEAD'],
  ] as const) {
    const played = await play(text);
    assert.deepEqual(played.violations, [code]);
    assert.match(
      played.text,
      new RegExp(`^HTTP/1\\.1 ${status} [^]*Connection: close\\r\\n\\r\\n\\{.*"status":${status}`),
    );
    assert.equal(played.requests.length, 0);
  }
});

test('a mistake of ours is 500 without its cause, and the connection goes on', async () => {
  for (const answer of [
    () => {
      throw new TypeError('hunter2');
    },
    () => Promise.reject(new TypeError('hunter2')),
  ]) {
    const { text, failures } = await play('GET / HTTP/1.1\r\nHost: gw\r\n\r\n'.repeat(2), { answer });
    assert.equal(text.match(/HTTP\/1\.1 500 Internal Server Error\r\n/g)?.length, 2);
    assert.match(text, /"code":"internal-error"/);
    assert.ok(!text.includes('hunter2'));
    assert.equal(failures.length, 2);
  }
});

test('fields can be read while an answer is made, also after the body has come', async () => {
  const head = 'POST / HTTP/1.1\r\nHost: gw\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 3\r\n\r\n';
  for (const chunks of [dripped(`${head}abc`), [...whole(head), ...whole('abc')]]) {
    const seen: unknown[] = [];
    await play(chunks, {
      answer: async (request) => {
        await Promise.resolve();
        seen.push(request.field('x-a'), request.field('x-b'), request.fields().length);
        return { status: 204 };
      },
    });
    assert.deepEqual(seen, ['1, 2', undefined, 4]);
  }
});

test('204 and 304 have no body and no length', async () => {
  for (const status of [204, 304]) {
    const { text } = await play('GET / HTTP/1.1\r\nHost: gw\r\n\r\n', {
      answer: () => ({ status, body: 'x' }),
    });
    assert.ok(!text.includes('Content-Length'));
    assert.ok(text.endsWith('\r\n\r\n'));
  }
});

test('a head or body that dribbles has a deadline, a waiting connection only the idle time', async () => {
  const { server } = site();
  const wire = new MemoryWire([], { open: true });
  const served = server.serve(wire, TIMES);
  await wire.idle();
  assert.equal(server.waiting(wire), true);
  wire.send('POST / HTTP/1.1\r\n');
  await wire.idle();
  assert.equal(server.waiting(wire), false);
  assert.deepEqual(wire.deadlines, [5000]);
  wire.send('Host: gw\r\nContent-Length: 2\r\n\r\na');
  await wire.idle();
  assert.deepEqual(wire.deadlines, [5000, 0, 60_000]);
  assert.equal(server.waiting(wire), false);
  wire.send('b');
  await wire.idle();
  assert.deepEqual(wire.deadlines, [5000, 0, 60_000, 0]);
  assert.equal(server.waiting(wire), true);
  wire.closePeer();
  await served;
  assert.equal(server.waiting(wire), false);
});

test('while an answer takes its time the silence of the client is no fault', async () => {
  const gate = Promise.withResolvers<void>();
  const { server } = site({ answer: () => gate.promise.then(() => ({ status: 204 })) });
  const wire = new MemoryWire(whole('GET / HTTP/1.1\r\nHost: gw\r\n\r\n'));
  const served = server.serve(wire, TIMES);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(wire.idles, [0]);
  gate.resolve();
  await served;
  assert.deepEqual(wire.idles, [0, 60_000]);
});

test('a draining server says so with the next answer', async () => {
  const { server } = site();
  const wire = new MemoryWire(whole('GET /a HTTP/1.1\r\nHost: gw\r\n\r\n'), { open: true });
  const served = server.serve(wire, TIMES);
  await wire.idle();
  server.drain();
  wire.send('GET /b HTTP/1.1\r\nHost: gw\r\n\r\nGET /c HTTP/1.1\r\nHost: gw\r\n\r\n');
  await served;
  assert.equal(wire.text, expected('GET /a ') + expected('GET /b ', { connection: 'Connection: close\r\n' }));
});

test('parameters are decoded as forms are', () => {
  for (const [query, expectedValue] of [
    ['url=a', 'a'],
    ['x=1&url=a%20b+c', 'a b c'],
    ['url=%C3%A4', 'ä'],
    ['url=a=b&url=c', 'a=b'],
    ['url=', ''],
    ['url', ''],
    ['curl=1', undefined],
    ['url=%', undefined],
    ['url=%ff', undefined],
    ['', undefined],
    ['&&', undefined],
  ] as const) {
    assert.equal(queryParameter(query, 'url'), expectedValue, query);
  }
});
