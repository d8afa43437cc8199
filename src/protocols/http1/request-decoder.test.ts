import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1, LIMITS, requestTranscript } from '../../../test/fuzz/http1-drive.ts';
import { type Http1Violation, RequestDecoder, type RequestHead, VIOLATIONS } from './index.ts';

function headOf(text: string): RequestHead {
  const decoder = new RequestDecoder(LIMITS);
  decoder.receive(latin1(text));
  const event = decoder.next();
  assert.equal(event.kind, 'head', `${JSON.stringify(event)} for ${JSON.stringify(text)}`);
  assert.ok(event.kind === 'head');
  return event.head;
}

function refused(text: string, code: Http1Violation): void {
  const lines = requestTranscript([latin1(text)]);
  assert.equal(lines.at(-1), `violation ${code} ${VIOLATIONS[code].status}`, JSON.stringify(text));
}

/** `lines` behind a good request line and Host. */
function withFields(lines: string, method = 'POST'): string {
  return `${method} / HTTP/1.1\r\nHost: a.test\r\n${lines}\r\n\r\n`;
}

test('targets: form, host, port, authority and the path to forward', () => {
  const check = (line: string, host: string, expected: Partial<RequestHead>): void => {
    const head = headOf(`${line}\r\n${host}\r\n`);
    for (const [name, value] of Object.entries(expected)) {
      assert.deepEqual(head[name as keyof RequestHead], value, `${name} of ${line}`);
    }
  };
  const host = 'Host: other.test\r\n';
  check('GET /a?b=c HTTP/1.1', 'Host: A.Test:8080\r\n', {
    form: 'origin',
    scheme: undefined,
    host: 'a.test',
    port: 8080,
    authority: 'a.test:8080',
    path: '/a?b=c',
  });
  check('GET / HTTP/1.1', 'Host: a.test\r\n', { host: 'a.test', port: 0, authority: 'a.test' });
  check('GET / HTTP/1.0', '', { form: 'origin', host: '', port: 0, minor: 0, keepAlive: false });
  check('GET http://A.test/x?y HTTP/1.1', host, {
    form: 'absolute',
    scheme: 'http',
    host: 'a.test',
    port: 80,
    authority: 'a.test',
    path: '/x?y',
  });
  check('GET HTTPS://a.test:444 HTTP/1.1', host, {
    scheme: 'https',
    port: 444,
    authority: 'a.test:444',
    path: '/',
  });
  check('GET https://a.test:443/ HTTP/1.1', host, { port: 443, authority: 'a.test' });
  check('GET http://a.test?q HTTP/1.1', host, { path: '/?q' });
  check('GET http://a.test/ HTTP/1.1', 'Host:\r\n', { host: 'a.test' });
  check('GET http://[2001:DB8::1]:81/ HTTP/1.1', host, {
    host: '2001:db8::1',
    port: 81,
    authority: '[2001:db8::1]:81',
  });
  check('OPTIONS http://a.test HTTP/1.1', host, { path: '*' });
  check('OPTIONS * HTTP/1.1', host, { form: 'asterisk', path: '*', host: 'other.test' });
  check('CONNECT A.test:443 HTTP/1.1', host, {
    form: 'authority',
    host: 'a.test',
    port: 443,
    authority: 'a.test:443',
    path: '',
  });
  check('CONNECT [::1]:8443 HTTP/1.0', '', { host: '::1', port: 8443, authority: '[::1]:8443' });
});

test('request lines that are refused', () => {
  const line = (text: string, code: Http1Violation): void => refused(`${text}\r\nHost: a.test\r\n\r\n`, code);
  line('GET /', 'HTTP1_BAD_REQUEST_LINE');
  line('GET  / HTTP/1.1', 'HTTP1_BAD_REQUEST_LINE');
  line('GET /  HTTP/1.1', 'HTTP1_BAD_REQUEST_LINE');
  line('GET / HTTP/1.1 ', 'HTTP1_BAD_REQUEST_LINE');
  line(' GET / HTTP/1.1', 'HTTP1_BAD_REQUEST_LINE');
  line('GET\t/ HTTP/1.1', 'HTTP1_BAD_REQUEST_LINE');
  line('GET / http/1.1', 'HTTP1_BAD_REQUEST_LINE');
  line('GET / HTTP/1.10', 'HTTP1_BAD_REQUEST_LINE');
  line('GET / HTTP/01.1', 'HTTP1_BAD_REQUEST_LINE');
  line('\x16\x03\x01\x02\x00', 'HTTP1_BAD_REQUEST_LINE');
  line('GET / HTTP/1.2', 'HTTP1_BAD_VERSION');
  line('GET / HTTP/0.9', 'HTTP1_BAD_VERSION');
  line('PRI * HTTP/2.0', 'HTTP1_BAD_VERSION');
  line('G(T / HTTP/1.1', 'HTTP1_BAD_REQUEST_LINE');
  line(`${'M'.repeat(33)} / HTTP/1.1`, 'HTTP1_BAD_METHOD');
  line('GET /a#b HTTP/1.1', 'HTTP1_BAD_TARGET');
  line('GET /\x00 HTTP/1.1', 'HTTP1_BAD_TARGET');
  line('GET /\x7f HTTP/1.1', 'HTTP1_BAD_TARGET');
  line('GET /\xe4 HTTP/1.1', 'HTTP1_BAD_TARGET');
  line('GET a.test/ HTTP/1.1', 'HTTP1_BAD_TARGET');
  line('GET * HTTP/1.1', 'HTTP1_BAD_TARGET');
  line('OPTIONS *x HTTP/1.1', 'HTTP1_BAD_TARGET');
  line('GET a.test:80 HTTP/1.1', 'HTTP1_BAD_TARGET');
  line('GET ftp://a.test/ HTTP/1.1', 'HTTP1_BAD_SCHEME');
  line('GET http:/a.test/ HTTP/1.1', 'HTTP1_BAD_TARGET');
  line('GET http:///x HTTP/1.1', 'HTTP1_BAD_AUTHORITY');
  line('GET http://u:p@a.test/ HTTP/1.1', 'HTTP1_USERINFO');
  line('GET http://good.test\\@a.test/ HTTP/1.1', 'HTTP1_USERINFO');
  line('GET http://a.test\\b/ HTTP/1.1', 'HTTP1_BAD_AUTHORITY');
  line('GET http://a%2etest/ HTTP/1.1', 'HTTP1_BAD_AUTHORITY');
  line('GET http://a.test:/ HTTP/1.1', 'HTTP1_BAD_AUTHORITY');
  line('GET http://a.test:0/ HTTP/1.1', 'HTTP1_BAD_AUTHORITY');
  line('GET http://a.test:080/ HTTP/1.1', 'HTTP1_BAD_AUTHORITY');
  line('GET http://a.test:65536/ HTTP/1.1', 'HTTP1_BAD_AUTHORITY');
  line('GET http://[::1/ HTTP/1.1', 'HTTP1_BAD_AUTHORITY');
  line('GET http://[fe80::1%25eth0]/ HTTP/1.1', 'HTTP1_BAD_AUTHORITY');
  line('GET http://[1.2.3.4]/ HTTP/1.1', 'HTTP1_BAD_AUTHORITY');
  line('GET http://::1/ HTTP/1.1', 'HTTP1_BAD_AUTHORITY');
  line('CONNECT a.test HTTP/1.1', 'HTTP1_BAD_AUTHORITY');
  line('CONNECT a.test:443/ HTTP/1.1', 'HTTP1_BAD_AUTHORITY');
  line('CONNECT http://a.test:443 HTTP/1.1', 'HTTP1_BAD_AUTHORITY');
  line('CONNECT u@a.test:443 HTTP/1.1', 'HTTP1_USERINFO');
  refused('GET / HTTP/1.1\nHost: a.test\r\n\r\n', 'HTTP1_BARE_LF');
  refused('GET / HTTP/1.1\rHost: a.test\r\n\r\n', 'HTTP1_BARE_CR');
  refused('\nGET / HTTP/1.1\r\n\r\n', 'HTTP1_BARE_LF');
  refused('\rGET / HTTP/1.1\r\n\r\n', 'HTTP1_BARE_CR');
});

test('one empty line before a request is skipped, also between two, a second one is not', () => {
  const get = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';
  const lines = requestTranscript([latin1(`\r\n${get}\r\n${get}`)]);
  assert.deepEqual(
    lines.map((line) => line.split(' ')[0]),
    ['head', 'end', 'head', 'end', 'closed'],
  );
  refused(`\r\n\r\n${get}`, 'HTTP1_EMPTY_LINES');
});

test('Host', () => {
  refused('GET / HTTP/1.1\r\n\r\n', 'HTTP1_MISSING_HOST');
  refused('GET http://a.test/ HTTP/1.1\r\n\r\n', 'HTTP1_MISSING_HOST');
  refused('GET / HTTP/1.1\r\nHost: a.test\r\nhost: a.test\r\n\r\n', 'HTTP1_DUPLICATE_HOST');
  for (const value of [
    '',
    'a b',
    'a,b',
    'a/b',
    'a.test:',
    'a.test:x',
    'a.test:99999',
    '::1',
    'a\xe4',
    'a;b',
    'a%41',
  ]) {
    refused(`GET / HTTP/1.1\r\nHost: ${value}\r\n\r\n`, 'HTTP1_BAD_HOST');
  }
  refused('GET / HTTP/1.1\r\nHost: u@a.test\r\n\r\n', 'HTTP1_USERINFO');
  // The target wins, but a malformed Host is refused all the same.
  refused('GET http://a.test/ HTTP/1.1\r\nHost: a,b\r\n\r\n', 'HTTP1_BAD_HOST');
});

test('fields that are refused', () => {
  refused(withFields('X : y'), 'HTTP1_SPACE_BEFORE_COLON');
  refused(withFields('X\t: y'), 'HTTP1_SPACE_BEFORE_COLON');
  refused(withFields(': y'), 'HTTP1_BAD_FIELD_NAME');
  refused(withFields('X'), 'HTTP1_BAD_FIELD_NAME');
  refused(withFields('X@Y: z'), 'HTTP1_BAD_FIELD_NAME');
  refused(withFields('X\x00: z'), 'HTTP1_BAD_FIELD_NAME');
  refused(withFields('X\xe4: z'), 'HTTP1_BAD_FIELD_NAME');
  refused(withFields('X: y\r\n z'), 'HTTP1_OBS_FOLD');
  refused(withFields('X: y\r\n\tz'), 'HTTP1_OBS_FOLD');
  refused(withFields('X: y\nZ: z'), 'HTTP1_BARE_LF');
  refused(withFields('X: y\rZ: z'), 'HTTP1_BARE_CR');
  refused(withFields('X: y\r\r'), 'HTTP1_BARE_CR');
  refused(withFields('X: y\x00'), 'HTTP1_BAD_FIELD_VALUE');
  refused(withFields('X: y\x0b'), 'HTTP1_BAD_FIELD_VALUE');
  refused(withFields('X: y\x7f'), 'HTTP1_BAD_FIELD_VALUE');
  for (const name of ['Transfer_Encoding', 'Content_Length', 'content.length', 'TRANSFER~ENCODING']) {
    refused(withFields(`${name}: 5`), 'HTTP1_DISGUISED_FIELD');
  }
});

test('fields are given trimmed, in order, by name in any case', () => {
  const { fields } = headOf(withFields('X-A: \t one \t\r\nX-B:\r\nx-a:two\r\nX-C: \xe4\tb'));
  assert.equal(fields.count, 5);
  assert.deepEqual(fields.all('x-a'), ['one', 'two']);
  assert.equal(fields.get('x-a'), 'one');
  assert.equal(fields.get('x-b'), '');
  assert.equal(fields.get('x-c'), '\xe4\tb');
  assert.equal(fields.get('x-d'), undefined);
  assert.equal(fields.has('x-b'), true);
  assert.equal(fields.has('x'), false);
  assert.deepEqual([fields.name(1), fields.value(1)], ['x-a', 'one']);
});

test('Content-Length', () => {
  assert.deepEqual(headOf(withFields('Content-Length: 0005')).framing, { kind: 'length', length: 5 });
  assert.deepEqual(headOf(withFields('Content-Length: 9007199254740991')).framing, {
    kind: 'length',
    length: 9_007_199_254_740_991,
  });
  for (const value of [
    '',
    '+5',
    '-5',
    '5 5',
    '5,5',
    '5, 5',
    '0x5',
    '5.0',
    '5e0',
    '9007199254740992',
    '\xb25',
  ]) {
    refused(withFields(`Content-Length: ${value}`), 'HTTP1_BAD_CONTENT_LENGTH');
  }
  refused(withFields('Content-Length: 5\r\nContent-Length: 5'), 'HTTP1_DUPLICATE_CONTENT_LENGTH');
});

test('Transfer-Encoding', () => {
  assert.deepEqual(headOf(withFields('Transfer-Encoding: CHUNKED')).framing, { kind: 'chunked' });
  const coding = (value: string, code: Http1Violation): void =>
    refused(withFields(`Transfer-Encoding: ${value}`), code);
  coding('', 'HTTP1_BAD_TRANSFER_ENCODING');
  coding(',', 'HTTP1_BAD_TRANSFER_ENCODING');
  coding('chunked,', 'HTTP1_BAD_TRANSFER_ENCODING');
  coding('chunked, chunked', 'HTTP1_BAD_TRANSFER_ENCODING');
  coding('chunked, gzip', 'HTTP1_BAD_TRANSFER_ENCODING');
  coding('xchunked', 'HTTP1_BAD_TRANSFER_ENCODING');
  coding('"chunked"', 'HTTP1_BAD_TRANSFER_ENCODING');
  coding('chunked;q=1', 'HTTP1_BAD_TRANSFER_ENCODING');
  coding('chunked\xa0', 'HTTP1_BAD_TRANSFER_ENCODING');
  coding('gzip, chunked', 'HTTP1_UNKNOWN_TRANSFER_CODING');
  coding('gzip', 'HTTP1_UNKNOWN_TRANSFER_CODING');
  coding('identity', 'HTTP1_UNKNOWN_TRANSFER_CODING');
  refused(
    withFields('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'),
    'HTTP1_DUPLICATE_TRANSFER_ENCODING',
  );
  refused(withFields('Transfer-Encoding: chunked\r\nContent-Length: 5'), 'HTTP1_LENGTH_AND_CODING');
  refused(withFields('Content-Length: 5\r\nTransfer-Encoding:'), 'HTTP1_LENGTH_AND_CODING');
  refused('POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n', 'HTTP1_CODING_IN_HTTP10');
});

test('bodies that a method does not have', () => {
  const connect = 'CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n';
  refused(`${connect}Content-Length: 1\r\n\r\n`, 'HTTP1_UNEXPECTED_BODY');
  refused(`${connect}Transfer-Encoding: chunked\r\n\r\n`, 'HTTP1_UNEXPECTED_BODY');
  refused(withFields('Content-Length: 1', 'TRACE'), 'HTTP1_UNEXPECTED_BODY');
  assert.deepEqual(headOf(`${connect}Content-Length: 0\r\n\r\n`).framing, { kind: 'none' });
  assert.deepEqual(headOf(withFields('Content-Length: 1', 'GET')).framing, { kind: 'length', length: 1 });
});

test('Connection: persistence, listed names, and what may not be listed', () => {
  const of = (fields: string, version = '1.1'): RequestHead => {
    return headOf(`GET / HTTP/${version}\r\nHost: a.test\r\n${fields}\r\n`);
  };
  assert.equal(of('').keepAlive, true);
  assert.equal(of('', '1.0').keepAlive, false);
  assert.equal(of('Connection: Keep-Alive\r\n', '1.0').keepAlive, true);
  assert.equal(of('Connection: close\r\n').keepAlive, false);
  assert.equal(of('Connection: keep-alive\r\nConnection: CLOSE\r\n').keepAlive, false);
  assert.equal(of('Connection: close, keep-alive\r\n', '1.0').keepAlive, false);
  assert.deepEqual(of('Connection: X-A, ,close, TE\r\n').connectionNames, new Set(['x-a']));
  assert.equal(of('Connection: Transfer-Encoding\r\n').connectionNames, undefined);
  refused(withFields(`Connection: ${'a,'.repeat(LIMITS.fieldsMax + 1)}`), 'HTTP1_BAD_CONNECTION');
  for (const value of ['host', 'Content-Length', 'via, close', 'a b', 'close;x', '"close"']) {
    refused(withFields(`Connection: ${value}`), 'HTTP1_BAD_CONNECTION');
  }
});

test('Upgrade: only when Connection lists it, only in HTTP/1.1, never to another HTTP', () => {
  const of = (fields: string, version = '1.1'): string | undefined => {
    return headOf(`GET / HTTP/${version}\r\nHost: a.test\r\n${fields}\r\n`).upgrade;
  };
  assert.equal(of('Connection: Upgrade\r\nUpgrade: websocket\r\n'), 'websocket');
  assert.equal(of('Upgrade: websocket\r\nConnection: keep-alive, upgrade\r\n'), 'websocket');
  assert.equal(of('Upgrade: websocket\r\n'), undefined);
  assert.equal(of('Connection: upgrade\r\n'), undefined);
  assert.equal(of('Connection: Upgrade\r\nUpgrade: websocket\r\n', '1.0'), undefined);
  assert.equal(of('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n'), undefined);
  assert.equal(of('Connection: Upgrade\r\nUpgrade: websocket, HTTP/2.0\r\n'), undefined);
  assert.equal(of('Connection: Upgrade\r\nUpgrade: a b\r\n'), undefined);
});

test('Expect', () => {
  assert.equal(headOf(withFields('Expect: 100-Continue\r\nContent-Length: 5')).expectContinue, true);
  assert.equal(headOf(withFields('Expect: 100-continue')).expectContinue, false);
  assert.equal(
    headOf('POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n').expectContinue,
    false,
  );
  refused(withFields('Expect: 200-ok'), 'HTTP1_BAD_EXPECT');
  refused(withFields('Expect: 100-continue, x'), 'HTTP1_BAD_EXPECT');
  refused(withFields('Expect:'), 'HTTP1_BAD_EXPECT');
});

test('limits of a head', () => {
  const limits = { ...LIMITS, headBytesMax: 100, targetBytesMax: 20, fieldsMax: 3 };
  const last = (text: string, end = true): string | undefined =>
    requestTranscript([latin1(text)], { limits, end }).at(-1);
  const fill = (size: number): string => {
    const start = 'GET / HTTP/1.1\r\nHost: a\r\nX: ';
    return `${start}${'x'.repeat(size - start.length - 4)}\r\n\r\n`;
  };
  assert.equal(last(fill(100)), 'closed');
  assert.equal(last(fill(101)), 'violation HTTP1_HEAD_TOO_LARGE 431');
  assert.equal(last(fill(200).slice(0, 99), false), 'need-data');
  assert.equal(last(fill(200).slice(0, 100), false), 'violation HTTP1_HEAD_TOO_LARGE 431');
  assert.equal(last(`GET /${'x'.repeat(19)} HTTP/1.1\r\nHost: a\r\n\r\n`), 'closed');
  assert.equal(
    last(`GET /${'x'.repeat(20)} HTTP/1.1\r\nHost: a\r\n\r\n`),
    'violation HTTP1_TARGET_TOO_LONG 414',
  );
  assert.equal(last(`GET /${'x'.repeat(200)}`, false), 'violation HTTP1_TARGET_TOO_LONG 414');
  assert.equal(last('GET / HTTP/1.1\r\nHost: a\r\na:\r\nb:\r\n\r\n'), 'closed');
  assert.equal(
    last('GET / HTTP/1.1\r\nHost: a\r\na:\r\nb:\r\nc:\r\n\r\n'),
    'violation HTTP1_TOO_MANY_FIELDS 431',
  );
});

test('the end of the stream: clean between messages, a cut inside of one', () => {
  const last = (text: string): string | undefined => requestTranscript([latin1(text)]).at(-1);
  assert.equal(last(''), 'closed');
  assert.equal(last('\r\n'), 'closed');
  assert.equal(last('\r'), 'violation HTTP1_CUT_HEAD 400');
  assert.equal(last('GET / HTTP/1.1\r\nHost: a'), 'violation HTTP1_CUT_HEAD 400');
  assert.equal(last(`${withFields('Content-Length: 5')}1234`), 'violation HTTP1_CUT_BODY 400');
  assert.equal(last(`${withFields('Content-Length: 5')}12345`), 'closed');
});

test('behind a request that closes the connection nothing is read', () => {
  const lines = requestTranscript([
    latin1(`${withFields('Connection: close', 'GET')}GET / HTTP/1.1\r\n\r\n`),
  ]);
  assert.deepEqual(
    lines.map((line) => line.split(' ')[0]),
    ['head', 'end', 'closed'],
  );
});

test('early bytes of a tunnel are handed over', () => {
  const decoder = new RequestDecoder(LIMITS);
  decoder.receive(latin1('CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n\x16\x03\x01'));
  assert.equal(decoder.next().kind, 'head');
  assert.equal(decoder.hasBuffered, true);
  assert.equal(Buffer.from(decoder.takeBuffered()).toString('latin1'), '\x16\x03\x01');
  assert.equal(decoder.hasBuffered, false);
});

test('a violation is final', () => {
  const decoder = new RequestDecoder(LIMITS);
  decoder.receive(latin1('GET\r\n'));
  const first = decoder.next();
  assert.equal(first.kind, 'violation');
  decoder.receive(latin1('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
  assert.equal(decoder.next(), first);
  assert.equal(decoder.hasBuffered, false);
});
