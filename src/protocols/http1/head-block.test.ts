import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRequest, describeResponse, latin1, LIMITS } from '../../../test/fuzz/http1-drive.ts';
import {
  editHead,
  RequestBlockReader,
  RequestDecoder,
  ResponseBlockReader,
  ResponseDecoder,
  visitExtensions,
} from './index.ts';

const REQUEST =
  'POST http://a.test:81/x HTTP/1.1\r\nHost: a.test:81\r\nContent-Length: 3\r\nConnection: x-y\r\nX-Y: z\r\n\r\n';
const RESPONSE = 'HTTP/1.0 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\nX: y\r\n\r\n';

test('a block is read as the decoder of a stream reads the same head', () => {
  const requests = new RequestDecoder(LIMITS);
  requests.receive(latin1(`${REQUEST}abc`));
  const request = requests.next();
  const responses = new ResponseDecoder(LIMITS);
  responses.begin('GET');
  responses.receive(latin1(`${RESPONSE}abc`));
  const response = responses.next();
  assert.ok(request.kind === 'head' && response.kind === 'head');
  for (const step of [1, 5, 1000]) {
    assert.equal(describeRequest(readRequest(REQUEST, step)), describeRequest(request.head));
    assert.equal(describeResponse(readResponse(RESPONSE, step)), describeResponse(response.head));
  }
});

/** The bytes become known `step` by step; something stands before and behind. */
function readRequest(text: string, step: number): Parameters<typeof describeRequest>[0] {
  const reader = new RequestBlockReader(10);
  const bytes = latin1(`??${text}X: y\r\n\r\n`);
  reader.begin(text.length);
  let result = 'more';
  for (let end = 2; result === 'more'; end += step)
    result = reader.scan(bytes, 2, Math.min(end, 2 + text.length));
  assert.equal(result, 'done');
  const { head, fault } = reader.take(bytes, 2);
  assert.equal(fault, undefined);
  return head!;
}

function readResponse(text: string, step: number): Parameters<typeof describeResponse>[0] {
  const reader = new ResponseBlockReader(10);
  const bytes = latin1(`??${text}X: y\r\n\r\n`);
  reader.begin(text.length);
  let result = 'more';
  for (let end = 2; result === 'more'; end += step)
    result = reader.scan(bytes, 2, Math.min(end, 2 + text.length));
  assert.equal(result, 'done');
  const { head, fault } = reader.take(bytes, 2);
  assert.equal(fault, undefined);
  return head!;
}

test('what breaks a rule of HTTP is told, and filled in as far as it goes', () => {
  const read = (text: string): ReturnType<ResponseBlockReader['take']> => {
    const reader = new ResponseBlockReader(4);
    const bytes = latin1(text);
    reader.begin(bytes.length);
    assert.equal(reader.scan(bytes, 0, bytes.length), 'done', text);
    return reader.take(bytes, 0);
  };
  const both = read('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n');
  assert.deepEqual(
    [both.fault, both.head?.status, both.head?.fields.count],
    ['HTTP1_LENGTH_AND_CODING', 200, 2],
  );
  const many = read('HTTP/1.1 200 OK\r\nA:\r\nB:\r\nC:\r\nD:\r\nE:\r\n\r\n');
  assert.deepEqual([many.fault, many.head], ['HTTP1_TOO_MANY_FIELDS', undefined]);
  const informational = [100, 101, 200].map(
    (status) => read(`HTTP/1.1 ${status} X\r\n\r\n`).head?.informational,
  );
  assert.deepEqual(informational, [true, false, false]);
  assert.equal(read('HTTP/1.1 200\r\n\r\n').head?.reason, '');
  assert.deepEqual(read('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n').head?.framing, {
    kind: 'chunked',
  });
  assert.deepEqual(read('HTTP/1.1 200 OK\r\n\r\n').head?.framing, { kind: 'none' });
  assert.deepEqual(
    [read('ICY 200 OK\r\n\r\n').fault, read('ICY 200 OK\r\n\r\n').head],
    ['HTTP1_BAD_STATUS_LINE', undefined],
  );
});

test('an edited head: every line as it was but for what is dropped and added', () => {
  const request = readRequest(REQUEST, 1000);
  const edit = (change: Partial<Parameters<typeof editHead>[1]>): string =>
    Buffer.from(editHead(request, { drop: new Set(), add: '', ...change })).toString('latin1');
  assert.equal(edit({}), REQUEST);
  assert.equal(
    edit({ drop: new Set(['content-length']), add: 'Via: ICAP/1.0 gw\r\n' }),
    REQUEST.replace('Content-Length: 3\r\n', '').replace('\r\n\r\n', '\r\nVia: ICAP/1.0 gw\r\n\r\n'),
  );
  assert.equal(edit({ startLine: 'GET / HTTP/1.1' }), REQUEST.replace(/^.*/, 'GET / HTTP/1.1'));
  const response = readResponse(RESPONSE, 1000);
  assert.equal(
    Buffer.from(editHead(response, { drop: new Set(['x']), add: 'Y: z\r\n' })).toString('latin1'),
    RESPONSE.replace('X: y', 'Y: z'),
  );
});

test('chunk extensions with white space, each shown once', () => {
  const visit = (text: string, allow = true): string => {
    const seen: string[] = [];
    const bytes = latin1(`5${text}\r\n`);
    const end = visitExtensions(bytes, 1, bytes.length, (name, value) => {
      seen.push(value === undefined ? name : `${name}=${value}`);
      return allow;
    });
    return `${end < 0 ? 'bad' : end === bytes.length - 2 ? 'ok' : 'where?'} ${seen.join(' ')}`;
  };
  assert.equal(visit(''), 'ok ');
  assert.equal(visit('; IEOF'), 'ok ieof');
  assert.equal(visit(' ;a ; b = c;d="x;\\" y"'), 'ok a b=c d="x;\\" y"');
  assert.equal(visit(';a', false), 'bad a');
  for (const text of [' ', ';', ';a ', ';a=', ';a= ', ';a="b', ';=b', ';a b', ',a', ';a;']) {
    assert.match(visit(text), /^bad/, text);
  }
});
