import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1 } from '../../../test/fuzz/http1-drive.ts';
import { icapResponseTranscript } from '../../../test/fuzz/icap-drive.ts';
import type { Asked } from './index.ts';

const REQMOD: Asked = { method: 'REQMOD', previewed: false };
const RESPMOD: Asked = { method: 'RESPMOD', previewed: false };
const PREVIEWED: Asked = { method: 'RESPMOD', previewed: true };
const OPTIONS: Asked = { method: 'OPTIONS', previewed: false };
const HTTP = 'HTTP/1.1 200 OK\r\n\r\n';

/** Kinds of events, or the violation; of heads the status. */
function say(asked: readonly Asked[], text: string): string[] {
  return icapResponseTranscript(asked, [latin1(text)]).map((line) =>
    line.startsWith('head ') ? `head ${/"status":(\d+)/.exec(line)![1]}` : line,
  );
}

function modified(status: number, body: string, section = 'res-body'): string {
  return `ICAP/1.0 ${status} X\r\nISTag: "t"\r\nEncapsulated: res-hdr=0, ${section}=${HTTP.length}\r\n\r\n${HTTP}${body}`;
}

test('what has no Encapsulated has nothing: 204, errors, options', () => {
  // c-icap 0.5.10.
  assert.deepEqual(say([RESPMOD], 'ICAP/1.0 204 Unmodified\r\nISTag: "t"\r\n\r\n'), [
    'head 204',
    'end',
    'closed',
  ]);
  assert.deepEqual(say([REQMOD], 'ICAP/1.0 404 Service not found\r\n\r\n'), ['head 404', 'end', 'closed']);
  assert.deepEqual(say([OPTIONS], 'ICAP/1.0 200 OK\r\nMethods: REQMOD\r\n\r\n'), [
    'head 200',
    'end',
    'closed',
  ]);
  for (const status of [200, 206, 201]) {
    assert.deepEqual(say([REQMOD], `ICAP/1.0 ${status} OK\r\n\r\n`), [
      'violation ICAP_MISSING_ENCAPSULATED 502',
    ]);
  }
  assert.deepEqual(say([REQMOD], 'ICAP/1.0 204 X\r\nEncapsulated: null-body=0\r\n\r\n'), [
    'head 204',
    'end',
    'closed',
  ]);
  assert.deepEqual(say([RESPMOD], modified(204, '', 'null-body')), ['violation ICAP_UNEXPECTED_BODY 502']);
  assert.deepEqual(say([RESPMOD], modified(500, '1\r\nx\r\n0\r\n\r\n')), [
    'head 500',
    'body "x"',
    'end',
    'closed',
  ]);
});

test('100 comes where a preview waits, and once', () => {
  const go = 'ICAP/1.0 100 Continue\r\n\r\n';
  const done = 'ICAP/1.0 204 No Content\r\n\r\n';
  assert.deepEqual(say([PREVIEWED], go + done), ['head 100', 'head 204', 'end', 'closed']);
  assert.deepEqual(say([PREVIEWED], done), ['head 204', 'end', 'closed']);
  assert.deepEqual(say([PREVIEWED], go + go), ['head 100', 'violation ICAP_UNEXPECTED_CONTINUE 502']);
  assert.deepEqual(say([RESPMOD], go), ['violation ICAP_UNEXPECTED_CONTINUE 502']);
  assert.deepEqual(say([PREVIEWED], 'ICAP/1.0 100 Continue\r\nEncapsulated: res-body=0\r\n\r\n0\r\n\r\n'), [
    'violation ICAP_UNEXPECTED_BODY 502',
  ]);
  assert.deepEqual(say([PREVIEWED], go), ['head 100', 'closed']);
});

test('206: the original body from an offset on', () => {
  assert.deepEqual(say([RESPMOD], modified(206, '1\r\nx\r\n0; use-original-body=17\r\n\r\n')), [
    'head 206',
    'body "x"',
    'end original from 17',
    'closed',
  ]);
  assert.deepEqual(
    say([RESPMOD], modified(206, '0;use-original-body=0\r\n\r\n')).at(1),
    'end original from 0',
  );
  assert.deepEqual(say([RESPMOD], modified(206, '1\r\nx\r\n0\r\n\r\n')), [
    'head 206',
    'body "x"',
    'end',
    'closed',
  ]);
  // The offset of one answer does not stay for the next.
  const next = modified(206, '0\r\n\r\n');
  assert.equal(say([RESPMOD, RESPMOD], modified(206, '0; use-original-body=1\r\n\r\n') + next).at(3), 'end');
  for (const [status, last] of [
    [200, '0; use-original-body=1'],
    [206, '0; use-original-body'],
    [206, '0; use-original-body=x'],
    [206, '0; use-original-body="1"'],
    [206, '0; use-original-body=-1'],
    [206, '0; use-original-body=1; use-original-body=2'],
    [206, '1; use-original-body=1'],
  ] as const) {
    assert.deepEqual(
      say([RESPMOD], modified(status, `${last}\r\n\r\n`)),
      [`head ${status}`, 'violation ICAP_BAD_CHUNK 502'],
      last,
    );
  }
});

test('service tags, quoted or not', () => {
  const tag = (value: string): unknown => {
    const [head = ''] = icapResponseTranscript(
      [RESPMOD],
      [latin1(`ICAP/1.0 204 X\r\nISTag: ${value}\r\n\r\n`)],
    );
    return (JSON.parse(head.slice('head '.length)) as { readonly istag?: string }).istag;
  };
  assert.deepEqual(['"a-1"', 'a-1', '""', '"a', 'a"', '"', ''].map(tag), [
    'a-1',
    'a-1',
    '',
    '"a',
    'a"',
    '"',
    undefined,
  ]);
});

test('one response after the other, and none that was not asked for', () => {
  const both = modified(200, '0\r\n\r\n') + 'ICAP/1.0 204 X\r\nConnection: close\r\n\r\n';
  assert.deepEqual(say([RESPMOD, REQMOD], both), ['head 200', 'end', 'head 204', 'end', 'closed']);
  assert.equal(say([RESPMOD], both).at(-1), 'violation ICAP_UNEXPECTED_DATA 502');
  assert.deepEqual(say([RESPMOD], ''), ['closed']);
  assert.deepEqual(say([RESPMOD], 'ICAP/1.0 20'), ['violation ICAP_CUT_HEAD 502']);
  assert.deepEqual(say([RESPMOD], '\r\nICAP/1.0 204 X\r\n\r\n'), ['violation ICAP_BAD_STATUS_LINE 502']);
  assert.deepEqual(say([RESPMOD], 'HTTP/1.1 200 OK\r\n\r\n'), ['violation ICAP_BAD_STATUS_LINE 502']);
  assert.deepEqual(say([RESPMOD], 'ICAP/1.0 204 X\r\nContent-Length: 0\r\n\r\n'), [
    'violation ICAP_FOREIGN_FRAMING 502',
  ]);
  // McAfee Web Gateway writes sizes in capitals.
  assert.deepEqual(say([RESPMOD], modified(200, 'A\r\n0123456789\r\n0\r\n\r\n')).at(1), 'body "0123456789"');
  assert.deepEqual(say([RESPMOD], 'ICAP/1.0 204\r\n\r\n'), ['head 204', 'end', 'closed']);
});

test('a folded field is one field, whole or byte by byte; its line break is spaces', () => {
  const folded = 'ICAP/1.0 204 No Content\r\nX-Violations-Found: 1\r\n\tfile\r\n  name\r\nISTag: "t"\r\n\r\n';
  const whole = icapResponseTranscript([RESPMOD], [latin1(folded)]);
  assert.deepEqual(
    icapResponseTranscript(
      [RESPMOD],
      Array.from(latin1(folded), (byte) => Buffer.from([byte])),
    ),
    whole,
  );
  assert.match(whole[0]!, /1 {2}\\tfile {4}name/);
  assert.equal(whole.at(-1), 'closed');
});
