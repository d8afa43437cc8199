import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1, LIMITS, requestTranscript } from '../../../test/fuzz/http1-drive.ts';
import { encodeChunk, encodeLastChunk, type Http1Violation, LAST_CHUNK, VIOLATIONS } from './index.ts';

const CHUNKED = 'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n';

/** What the decoder says behind the head. */
function chunked(body: string, limits = LIMITS): string[] {
  return requestTranscript([latin1(CHUNKED + body)], { limits }).slice(1);
}

function refused(body: string, code: Http1Violation, limits = LIMITS): void {
  assert.equal(
    chunked(body, limits).at(-1),
    `violation ${code} ${VIOLATIONS[code].status}`,
    JSON.stringify(body),
  );
}

test('chunks', () => {
  assert.deepEqual(chunked('0\r\n\r\n'), ['end', 'closed']);
  assert.deepEqual(chunked('5\r\nhello\r\n0\r\n\r\n'), ['body "hello"', 'end', 'closed']);
  assert.deepEqual(chunked('a\r\n0123456789\r\nA\r\n0123456789\r\n000\r\n\r\n'), [
    'body "01234567890123456789"',
    'end',
    'closed',
  ]);
  assert.deepEqual(chunked('0000000000001\r\nx\r\n0\r\n\r\n'), ['body "x"', 'end', 'closed']);
});

test('chunk extensions are read by their grammar and dropped', () => {
  for (const extension of [';a', ';a=b', ';a;b=c', ';a="b;c\\"\xe4\\\\"', ';a=""']) {
    assert.deepEqual(
      chunked(`1${extension}\r\nx\r\n0${extension}\r\n\r\n`),
      ['body "x"', 'end', 'closed'],
      extension,
    );
  }
  for (const extension of [
    ';',
    ';=b',
    ';a=',
    ';a="b',
    ';a="\x00"',
    ';a="\\\x01"',
    ' ;a',
    ';a =b',
    ';a= b',
    ';a,',
    ' ',
    '\t',
  ]) {
    refused(`1${extension}\r\nx\r\n0\r\n\r\n`, 'HTTP1_BAD_CHUNK');
  }
});

test('chunks that are refused', () => {
  for (const line of [
    '',
    'x',
    '-1',
    '+1',
    '0x1',
    '1 ',
    ' 1',
    '1\t',
    '00000000000001',
    '10000000000000',
    '1_0',
  ]) {
    refused(`${line}\r\nx\r\n0\r\n\r\n`, 'HTTP1_BAD_CHUNK');
  }
  refused('1\nx\r\n0\r\n\r\n', 'HTTP1_BAD_CHUNK');
  refused('1;a\nx\r\n0\r\n\r\n', 'HTTP1_BAD_CHUNK');
  refused('1\r\nxy\r\n0\r\n\r\n', 'HTTP1_BAD_CHUNK');
  refused('1\r\nx\n0\r\n\r\n', 'HTTP1_BAD_CHUNK');
  refused('1\r\nx\r0\r\n\r\n', 'HTTP1_BAD_CHUNK');
  refused('1\r\nx\rX0\r\n\r\n', 'HTTP1_BAD_CHUNK');
  refused('1\r\nxX\n0\r\n\r\n', 'HTTP1_BAD_CHUNK');
  refused('2\r\nx', 'HTTP1_CUT_BODY');
  refused('1\r\nx', 'HTTP1_CUT_BODY');
  refused('1\r\nx\r', 'HTTP1_CUT_BODY');
  refused('1\r\nx\r\n', 'HTTP1_CUT_BODY');
  refused('0\r\n', 'HTTP1_CUT_BODY');
  refused('0\r\nX: y\r\n', 'HTTP1_CUT_BODY');
});

test('limits of chunk lines and trailers', () => {
  const limits = { ...LIMITS, chunkLineBytesMax: 10, trailerBytesMax: 20, fieldsMax: 3 };
  assert.deepEqual(chunked('1;abcdef\r\nx\r\n0\r\n\r\n', limits), ['body "x"', 'end', 'closed']);
  refused('1;abcdefg\r\nx\r\n0\r\n\r\n', 'HTTP1_CHUNK_LINE_TOO_LONG', limits);
  refused('1;abcdefgh', 'HTTP1_CHUNK_LINE_TOO_LONG', limits);
  assert.deepEqual(chunked('0\r\nA: 345678901234\r\n\r\n', { ...limits, trailerBytesMax: 19 }), [
    'end "A: 345678901234\\r\\n"',
    'closed',
  ]);
  refused('0\r\nA: 345678901234\r\n\r\n', 'HTTP1_TRAILER_TOO_LARGE', { ...limits, trailerBytesMax: 18 });
  refused('0\r\nA: 3456789012345678', 'HTTP1_CUT_BODY', limits);
  refused('0\r\nA: 34567890123456789', 'HTTP1_TRAILER_TOO_LARGE', limits);
  assert.deepEqual(chunked('0\r\na:\r\nb:\r\nc:\r\n\r\n', limits).at(-1), 'closed');
  refused('0\r\na:\r\nb:\r\nc:\r\nd:\r\n\r\n', 'HTTP1_TRAILER_TOO_LARGE', {
    ...limits,
    trailerBytesMax: 100,
  });
});

test('trailers: checked like fields, passed on as they are, never about framing or routing', () => {
  assert.deepEqual(chunked('1\r\nx\r\n0\r\nX-Sum: 1\r\nX-B:2\r\n\r\n'), [
    'body "x"',
    'end "X-Sum: 1\\r\\nX-B:2\\r\\n"',
    'closed',
  ]);
  for (const name of [
    'Content-Length',
    'transfer-encoding',
    'Host',
    'Connection',
    'Upgrade',
    'TE',
    'Trailer',
    'Expect',
  ]) {
    refused(`0\r\n${name}: x\r\n\r\n`, 'HTTP1_BAD_TRAILER');
  }
  for (const name of ['Content_Length', 'Content-Type', 'Cookie', 'Set-Cookie', 'Authorization', 'Via']) {
    refused(`0\r\n${name}: x\r\n\r\n`, 'HTTP1_BAD_TRAILER');
  }
  for (const line of ['X', 'X : y', ': y', 'X: y\r\n z', 'X: \x00', 'X: y\n', 'X: y\rZ: z']) {
    refused(`0\r\n${line}\r\n\r\n`, 'HTTP1_BAD_TRAILER');
  }
});

test('encoded chunks are read back, and the payload is not copied', () => {
  const payload = latin1('x'.repeat(300));
  const pieces = encodeChunk(payload);
  assert.equal(pieces[1], payload);
  const trailers = latin1('X-Sum: 1\r\n');
  const text = Buffer.concat([...pieces, encodeLastChunk(trailers)]).toString('latin1');
  assert.equal(text, `12c\r\n${'x'.repeat(300)}\r\n0\r\nX-Sum: 1\r\n\r\n`);
  assert.deepEqual(chunked(text), [`body "${'x'.repeat(300)}"`, 'end "X-Sum: 1\\r\\n"', 'closed']);
  assert.equal(encodeLastChunk(undefined), LAST_CHUNK);
  assert.throws(() => encodeChunk(new Uint8Array(0)), /an empty chunk ends the body/);
});
