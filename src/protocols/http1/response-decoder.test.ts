import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1, LIMITS, responseTranscript } from '../../../test/fuzz/http1-drive.ts';
import { type Http1Violation, ResponseDecoder, type ResponseHead } from './index.ts';

function headOf(text: string, method = 'GET'): ResponseHead {
  const decoder = new ResponseDecoder(LIMITS);
  decoder.begin(method);
  decoder.receive(latin1(text));
  const event = decoder.next();
  assert.ok(event.kind === 'head', `${JSON.stringify(event)} for ${JSON.stringify(text)}`);
  return event.head;
}

/** Kinds and bodies of the events, without the heads' texts. */
function kinds(methods: readonly string[], text: string): string[] {
  return responseTranscript(methods, [latin1(text)]).map((line) => (line.startsWith('head') ? 'head' : line));
}

function refused(text: string, code: Http1Violation): void {
  assert.equal(
    responseTranscript(['GET'], [latin1(text)]).at(-1),
    `violation ${code} 502`,
    JSON.stringify(text),
  );
}

test('status lines', () => {
  const check = (line: string, status: number, reason: string, minor: number): void => {
    const head = headOf(`${line}\r\n\r\n`);
    assert.deepEqual([head.status, head.reason, head.minor], [status, reason, minor]);
  };
  check('HTTP/1.1 200 OK', 200, 'OK', 1);
  check('HTTP/1.0 404 Not Found', 404, 'Not Found', 0);
  check('HTTP/1.1 200 ', 200, '', 1);
  check('HTTP/1.1 301', 301, '', 1);
  check('HTTP/1.1 599  \xe4\t!', 599, ' \xe4\t!', 1);
  for (const line of [
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 099 X',
    'HTTP/1.1 600 X',
    'HTTP/1.1  200 OK',
  ]) {
    refused(`${line}\r\n\r\n`, 'HTTP1_BAD_STATUS_LINE');
  }
  for (const line of [
    'HTTP/1.1 200\tOK',
    'HTTP/1.1\t200 OK',
    'http/1.1 200 OK',
    'ICY 200 OK',
    'HTTP/1.1 200 O\x00K',
    '',
  ]) {
    refused(`${line}\r\n\r\n`, 'HTTP1_BAD_STATUS_LINE');
  }
  refused('HTTP/2.0 200 OK\r\n\r\n', 'HTTP1_BAD_VERSION');
  refused('HTTP/2.0 2\r\n\r\n', 'HTTP1_BAD_VERSION');
  refused('HTTP/1.1 200 OK\n\n', 'HTTP1_BARE_LF');
  refused('HTTP/1.1 200 OK\rX: y\r\n\r\n', 'HTTP1_BARE_CR');
  refused('\r\nHTTP/1.1 200 OK\r\n\r\n', 'HTTP1_BAD_STATUS_LINE');
});

test('which responses have a body, and how it ends', () => {
  const length = 'Content-Length: 3\r\n\r\n';
  assert.deepEqual(kinds(['GET'], `HTTP/1.1 200 OK\r\n${length}abc`), [
    'head',
    'body "abc"',
    'end',
    'closed',
  ]);
  assert.deepEqual(kinds(['HEAD'], `HTTP/1.1 200 OK\r\n${length}`), ['head', 'end', 'closed']);
  assert.deepEqual(kinds(['GET'], `HTTP/1.1 304 Not Modified\r\n${length}`), ['head', 'end', 'closed']);
  assert.deepEqual(kinds(['GET'], `HTTP/1.1 204 No Content\r\n${length}`), ['head', 'end', 'closed']);
  assert.deepEqual(
    kinds(['GET'], 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n'),
    ['head', 'body "x"', 'end', 'closed'],
  );
  assert.deepEqual(kinds(['GET'], 'HTTP/1.1 200 OK\r\n\r\nabc'), ['head', 'body "abc"', 'end', 'closed']);
  assert.deepEqual(kinds(['CONNECT'], `HTTP/1.1 407 No\r\n${length}abc`), [
    'head',
    'body "abc"',
    'end',
    'closed',
  ]);
  assert.equal(headOf(`HTTP/1.1 200 OK\r\n${length}`, 'HEAD').contentLength, 3);
});

test('1xx come before the response, without an end', () => {
  const text =
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
  const lines = responseTranscript(['GET'], [latin1(text)]);
  const heads = lines.filter((line) => line.startsWith('head'));
  assert.deepEqual(
    heads
      .map((line) => JSON.parse(line.slice(5)) as ResponseHead)
      .map((head) => [head.status, head.informational]),
    [
      [100, true],
      [103, true],
      [200, false],
    ],
  );
  assert.deepEqual(lines.slice(3), ['end', 'closed']);
});

test('behind 101 and a 2xx to CONNECT the bytes are the tunnel’s', () => {
  for (const [method, text] of [
    ['GET', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ['CONNECT', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding-X: y\r\n\r\n'],
  ] as const) {
    const decoder = new ResponseDecoder(LIMITS);
    decoder.begin(method);
    decoder.receive(latin1(`${text}HTTP/1.1`));
    const event = decoder.next();
    assert.ok(event.kind === 'head');
    assert.deepEqual([event.head.framing.kind, event.head.informational], ['none', false]);
    assert.equal(decoder.next().kind, 'end');
    assert.equal(decoder.next().kind, 'closed');
    assert.equal(Buffer.from(decoder.takeBuffered()).toString('latin1'), 'HTTP/1.1');
  }
});

test('keepAlive', () => {
  const of = (version: string, fields: string): boolean =>
    headOf(`HTTP/${version} 200 OK\r\n${fields}\r\n`).keepAlive;
  assert.equal(of('1.1', 'Content-Length: 0\r\n'), true);
  assert.equal(of('1.1', ''), false);
  assert.equal(of('1.1', 'Content-Length: 0\r\nConnection: close\r\n'), false);
  assert.equal(of('1.0', 'Content-Length: 0\r\n'), false);
  assert.equal(of('1.0', 'Content-Length: 0\r\nConnection: keep-alive\r\n'), true);
});

test('framing that is refused', () => {
  const fields = (lines: string, code: Http1Violation, version = '1.1'): void => {
    refused(`HTTP/${version} 200 OK\r\n${lines}\r\n\r\n`, code);
  };
  fields('Content-Length: 5\r\nContent-Length: 5', 'HTTP1_DUPLICATE_CONTENT_LENGTH');
  fields('Content-Length: 5, 5', 'HTTP1_BAD_CONTENT_LENGTH');
  fields('Content-Length: 5\r\nTransfer-Encoding: chunked', 'HTTP1_LENGTH_AND_CODING');
  fields('Transfer-Encoding: gzip, chunked', 'HTTP1_UNKNOWN_TRANSFER_CODING');
  fields('Transfer-Encoding: chunked, identity', 'HTTP1_BAD_TRANSFER_ENCODING');
  fields('Transfer-Encoding: chunked', 'HTTP1_CODING_IN_HTTP10', '1.0');
  fields('X: y\r\n z', 'HTTP1_OBS_FOLD');
  fields('Connection: content-length', 'HTTP1_BAD_CONNECTION');
});

test('the end of the stream', () => {
  const last = (text: string): string | undefined => responseTranscript(['GET'], [latin1(text)]).at(-1);
  assert.equal(last(''), 'closed');
  assert.equal(last('H'), 'violation HTTP1_CUT_HEAD 502');
  assert.equal(last('HTTP/1.1 200 OK\r\n'), 'violation HTTP1_CUT_HEAD 502');
  assert.equal(last('HTTP/1.1 100 Continue\r\n\r\n'), 'closed');
  assert.equal(last('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab'), 'violation HTTP1_CUT_BODY 502');
  assert.equal(
    last('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n'),
    'violation HTTP1_CUT_BODY 502',
  );
});

test('one response after the other; bytes that answer no request are a violation', () => {
  const one = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx';
  assert.deepEqual(kinds(['GET', 'HEAD'], `${one}${one.slice(0, -1)}`), [
    'head',
    'body "x"',
    'end',
    'head',
    'end',
    'closed',
  ]);
  assert.deepEqual(kinds(['GET'], `${one}y`), [
    'head',
    'body "x"',
    'end',
    'violation HTTP1_UNEXPECTED_DATA 502',
  ]);
  const idle = new ResponseDecoder(LIMITS);
  assert.equal(idle.next().kind, 'need-data');
  idle.receiveEnd();
  assert.equal(idle.next().kind, 'closed');
});

test('keep: the next response survives a read before the decoder asked for it', () => {
  const decoder = new ResponseDecoder(LIMITS);
  const one = 'HTTP/1.1 204 No Content\r\n\r\n';
  decoder.begin('GET');
  const buffer = latin1(one + one);
  decoder.receive(buffer);
  assert.deepEqual([decoder.next().kind, decoder.next().kind, decoder.hasBuffered], ['head', 'end', true]);
  decoder.keep();
  buffer.fill(0);
  decoder.begin('GET');
  assert.deepEqual([decoder.next().kind, decoder.next().kind, decoder.hasBuffered], ['head', 'end', false]);
});

test('a violation is final', () => {
  const decoder = new ResponseDecoder(LIMITS);
  decoder.begin('GET');
  decoder.receive(latin1('HTTP/1.1 20 OK\r\n\r\n'));
  const first = decoder.next();
  assert.equal(first.kind === 'violation' && first.code, 'HTTP1_BAD_STATUS_LINE');
  decoder.receive(latin1('HTTP/1.1 200 OK\r\n\r\n'));
  assert.equal(decoder.next(), first);
  assert.equal(decoder.hasBuffered, false);
});
