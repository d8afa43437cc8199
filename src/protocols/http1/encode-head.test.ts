import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1, LIMITS } from '../../../test/fuzz/http1-drive.ts';
import {
  encodeRequestHead,
  encodeResponseHead,
  RequestDecoder,
  type RequestHead,
  type RequestHeadOptions,
  ResponseDecoder,
  type ResponseHead,
  type ResponseHeadOptions,
} from './index.ts';

const NONE: ReadonlySet<string> = new Set();

function request(lines: readonly string[], options: Partial<RequestHeadOptions> = {}): string[] {
  const decoder = new RequestDecoder(LIMITS);
  // Behind something else, so that offsets that forget the base are seen.
  decoder.receive(latin1(`\r\n${lines.join('\r\n')}\r\n\r\n`));
  const event = decoder.next();
  assert.ok(event.kind === 'head', JSON.stringify(event));
  return written(
    encodeRequestHead(event.head, {
      form: 'origin',
      via: 'gw',
      drop: NONE,
      add: '',
      keepAlive: true,
      ...options,
    }),
  );
}

function response(
  lines: readonly string[],
  options: Partial<ResponseHeadOptions> = {},
  method = 'GET',
): string[] {
  const decoder = new ResponseDecoder(LIMITS);
  decoder.begin(method);
  decoder.receive(latin1(`${lines.join('\r\n')}\r\n\r\n`));
  const event = decoder.next();
  assert.ok(event.kind === 'head', JSON.stringify(event));
  return written(
    encodeResponseHead(event.head, {
      via: 'gw',
      drop: NONE,
      add: '',
      keepAlive: true,
      minorOfClient: 1,
      ...options,
    }),
  );
}

function written(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString('latin1');
  assert.ok(text.endsWith('\r\n\r\n'), text);
  return text.slice(0, -4).split('\r\n');
}

test('a browser’s request: origin-form, fields of the hop gone, the rest byte for byte', () => {
  const lines = request([
    'GET http://a.test/x?y HTTP/1.1',
    'Host: a.test',
    'Proxy-Connection: keep-alive',
    'Proxy-Authorization: Basic eA==',
    'uSER-aGENT:  x \t',
    'Keep-Alive: 5',
    'TE: trailers',
    'Cookie: \xe4',
  ]);
  assert.deepEqual(lines, [
    'GET /x?y HTTP/1.1',
    'Host: a.test',
    'uSER-aGENT:  x \t',
    'Cookie: \xe4',
    'Via: 1.1 gw',
  ]);
});

test('Host is written anew, first, when the target says otherwise', () => {
  const host = (target: string, ...hostLines: string[]): string[] =>
    request([`GET ${target} HTTP/1.1`, 'A: b', ...hostLines]);
  assert.deepEqual(host('http://a.test:81/', 'Host: b.test'), [
    'GET / HTTP/1.1',
    'Host: a.test:81',
    'A: b',
    'Via: 1.1 gw',
  ]);
  assert.deepEqual(host('http://A.test/', 'Host: A.test'), [
    'GET / HTTP/1.1',
    'Host: a.test',
    'A: b',
    'Via: 1.1 gw',
  ]);
  assert.deepEqual(host('http://a.test?q', 'Host:'), [
    'GET /?q HTTP/1.1',
    'Host: a.test',
    'A: b',
    'Via: 1.1 gw',
  ]);
  assert.deepEqual(host('http://a.test', 'Host: a.test'), [
    'GET / HTTP/1.1',
    'A: b',
    'Host: a.test',
    'Via: 1.1 gw',
  ]);
  assert.deepEqual(host('/x', 'Host: A.test:80'), [
    'GET /x HTTP/1.1',
    'A: b',
    'Host: A.test:80',
    'Via: 1.1 gw',
  ]);
  assert.deepEqual(request(['GET http://a.test/x HTTP/1.0', 'A: b']), [
    'GET /x HTTP/1.1',
    'Host: a.test',
    'A: b',
    'Via: 1.0 gw',
  ]);
  assert.deepEqual(request(['GET http://a.test/x HTTP/1.0', 'Host: a.test']), [
    'GET /x HTTP/1.1',
    'Host: a.test',
    'Via: 1.0 gw',
  ]);
  assert.deepEqual(request(['GET /x HTTP/1.0', 'Host: a.test']), [
    'GET /x HTTP/1.1',
    'Host: a.test',
    'Via: 1.0 gw',
  ]);
  assert.deepEqual(request(['GET /x HTTP/1.0']), ['GET /x HTTP/1.1', 'Host: ', 'Via: 1.0 gw']);
});

test('other forms of the target', () => {
  const target = (lines: readonly string[], options: Partial<RequestHeadOptions>): string | undefined =>
    request(lines, options)[0];
  const host = 'Host: x.test';
  assert.equal(
    target(['GET http://A.test:80 HTTP/1.1', host], { form: 'absolute' }),
    'GET http://a.test/ HTTP/1.1',
  );
  assert.equal(target(['GET /x HTTP/1.1', host], { form: 'absolute' }), 'GET http://x.test/x HTTP/1.1');
  assert.equal(
    target(['GET https://[::1]/x HTTP/1.1', host], { form: 'absolute' }),
    'GET https://[::1]/x HTTP/1.1',
  );
  assert.equal(
    target(['OPTIONS http://a.test HTTP/1.1', host], { form: 'absolute' }),
    'OPTIONS http://a.test HTTP/1.1',
  );
  assert.equal(target(['OPTIONS http://a.test HTTP/1.1', host], { form: 'origin' }), 'OPTIONS * HTTP/1.1');
  assert.equal(
    target(['CONNECT A.test:443 HTTP/1.1', host], { form: 'absolute' }),
    'CONNECT a.test:443 HTTP/1.1',
  );
  assert.equal(
    target(['CONNECT A.test:443 HTTP/1.1', host], { form: 'origin' }),
    'CONNECT a.test:443 HTTP/1.1',
  );
  assert.equal(target(['GET /x HTTP/1.1', host], { target: '/y' }), 'GET /y HTTP/1.1');
});

test('framing is written once, by us', () => {
  const of = (field: string, options: Partial<RequestHeadOptions> = {}): string[] =>
    request(['POST / HTTP/1.1', field, 'Trailer: X', 'Host: a.test'], options).slice(1);
  assert.deepEqual(of('Content-Length: 005'), ['Host: a.test', 'Via: 1.1 gw', 'Content-Length: 5']);
  assert.deepEqual(of('transfer-ENCODING: Chunked'), [
    'Trailer: X',
    'Host: a.test',
    'Via: 1.1 gw',
    'Transfer-Encoding: chunked',
  ]);
  assert.deepEqual(of('Content-Length: 5', { framing: { kind: 'chunked' } }), [
    'Trailer: X',
    'Host: a.test',
    'Via: 1.1 gw',
    'Transfer-Encoding: chunked',
  ]);
  assert.deepEqual(of('X: y', { framing: { kind: 'length', length: 7 } }), [
    'X: y',
    'Host: a.test',
    'Via: 1.1 gw',
    'Content-Length: 7',
  ]);
});

test('what Connection lists and what the caller drops goes, what he adds comes', () => {
  const lines = [
    'GET / HTTP/1.1',
    'X-A: 1',
    'Host: a.test',
    'connection: x-a, X-B',
    'X-B: 2',
    'X-C: 3',
    'Connection: x-c',
  ];
  assert.deepEqual(request(lines), ['GET / HTTP/1.1', 'Host: a.test', 'Via: 1.1 gw']);
  const options = { drop: new Set(['cookie', 'x-secret']), add: 'X-New: 1\r\n', via: '', keepAlive: false };
  assert.deepEqual(
    request(['GET / HTTP/1.1', 'Host: a.test', 'COOKIE: x', 'X-Secret: y', 'Accept: z'], options),
    ['GET / HTTP/1.1', 'Host: a.test', 'Accept: z', 'Connection: close', 'X-New: 1'],
  );
});

test('Upgrade passes with its own Connection, unless the caller says no', () => {
  const lines = ['GET / HTTP/1.1', 'Host: a.test', 'Connection: keep-alive, Upgrade', 'Upgrade: websocket'];
  assert.deepEqual(request(lines).slice(1), [
    'Host: a.test',
    'Via: 1.1 gw',
    'Connection: Upgrade',
    'Upgrade: websocket',
  ]);
  assert.deepEqual(request(lines, { upgrade: false }).slice(1), ['Host: a.test', 'Via: 1.1 gw']);
});

test('Expect passes only where the client waits', () => {
  const lines = ['POST / HTTP/1.1', 'Host: a.test', 'Expect: 100-continue'];
  assert.deepEqual(request(lines).slice(1), ['Host: a.test', 'Via: 1.1 gw']);
  assert.deepEqual(request([...lines, 'Content-Length: 5']).slice(1), [
    'Host: a.test',
    'Expect: 100-continue',
    'Via: 1.1 gw',
    'Content-Length: 5',
  ]);
});

test('responses: the version is ours, the fields of the hop are gone', () => {
  const lines = [
    'HTTP/1.0 200 Fine',
    'Server: x',
    'Content-Length: 5',
    'Proxy-Authenticate: Basic',
    'Date: y',
    'Connection: keep-alive, z',
    'Z: 1',
  ];
  assert.deepEqual(response(lines), [
    'HTTP/1.1 200 Fine',
    'Server: x',
    'Date: y',
    'Via: 1.0 gw',
    'Content-Length: 5',
  ]);
  assert.deepEqual(response(['HTTP/1.1 301', 'Content-Length: 0']), [
    'HTTP/1.1 301 ',
    'Via: 1.1 gw',
    'Content-Length: 0',
  ]);
});

test('responses: framing and persistence by client', () => {
  const chunked = ['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Trailer: X'];
  assert.deepEqual(response(chunked).slice(1), ['Trailer: X', 'Via: 1.1 gw', 'Transfer-Encoding: chunked']);
  assert.deepEqual(response(chunked, { minorOfClient: 0 }).slice(1), ['Via: 1.1 gw', 'Connection: close']);
  assert.deepEqual(response(['HTTP/1.1 200 OK']).slice(1), ['Via: 1.1 gw', 'Connection: close']);
  assert.deepEqual(response(['HTTP/1.1 200 OK'], { framing: { kind: 'chunked' } }).slice(1), [
    'Via: 1.1 gw',
    'Transfer-Encoding: chunked',
  ]);
  const length = ['HTTP/1.1 200 OK', 'Content-Length: 5'];
  assert.deepEqual(response(length, { minorOfClient: 0 }).slice(1), [
    'Via: 1.1 gw',
    'Content-Length: 5',
    'Connection: keep-alive',
  ]);
  assert.deepEqual(response(length, { keepAlive: false }).slice(1), [
    'Via: 1.1 gw',
    'Content-Length: 5',
    'Connection: close',
  ]);
});

test('responses without a body: only HEAD and 304 may say a length', () => {
  const of = (status: string, method: string): string[] =>
    response([`HTTP/1.1 ${status}`, 'Content-Length: 5', 'X: y'], {}, method).slice(2);
  assert.deepEqual(of('200 OK', 'HEAD'), ['Via: 1.1 gw', 'Content-Length: 5']);
  assert.deepEqual(of('304 Not Modified', 'GET'), ['Via: 1.1 gw', 'Content-Length: 5']);
  assert.deepEqual(of('204 No Content', 'GET'), ['Via: 1.1 gw']);
  assert.deepEqual(of('103 Early Hints', 'GET'), ['Via: 1.1 gw']);
  assert.deepEqual(of('200 OK', 'CONNECT'), ['Via: 1.1 gw']);
});

test('responses: Upgrade passes with 101 and 426 only', () => {
  const of = (status: string): string[] =>
    response([`HTTP/1.1 ${status}`, 'Upgrade: websocket', 'Connection: upgrade', 'Content-Length: 0']).slice(
      1,
    );
  const lines = ['Connection: Upgrade', 'Upgrade: websocket'];
  assert.deepEqual(of('101 Switching Protocols'), ['Via: 1.1 gw', ...lines]);
  assert.deepEqual(of('426 Upgrade Required'), ['Via: 1.1 gw', 'Content-Length: 0', ...lines]);
  assert.deepEqual(of('200 OK'), ['Via: 1.1 gw', 'Content-Length: 0']);
});

test('only heads of the decoders can be encoded', () => {
  // Heads of somebody else's making: the types allow them, the encoder needs the bytes behind.
  const options = { form: 'origin', via: '', drop: NONE, add: '', keepAlive: true } as const;
  assert.throws(() => encodeRequestHead({} as RequestHead, options), /RequestDecoder/);
  assert.throws(
    () => encodeResponseHead({} as ResponseHead, { ...options, minorOfClient: 1 }),
    /ResponseDecoder/,
  );
});
