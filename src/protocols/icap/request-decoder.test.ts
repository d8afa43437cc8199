import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1 } from '../../../test/fuzz/http1-drive.ts';
import { ICAP_LIMITS, icapRequestTranscript } from '../../../test/fuzz/icap-drive.ts';
import { IcapRequestDecoder, type IcapRequestHead } from './index.ts';

const HTTP_GET = 'GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n';

function reqmod(block: string, body: string | undefined, more = ''): string {
  const section = body === undefined ? 'null-body' : 'req-body';
  const head = block === '' ? '' : 'req-hdr=0, ';
  return `REQMOD icap://s/av ICAP/1.0\r\nHost: s\r\n${more}Encapsulated: ${head}${section}=${block.length}\r\n\r\n${block}${body ?? ''}`;
}

function headOf(message: string): IcapRequestHead {
  const decoder = new IcapRequestDecoder(ICAP_LIMITS);
  decoder.receive(latin1(message));
  const event = decoder.next();
  assert.equal(event.kind, 'head', JSON.stringify(event));
  if (event.kind !== 'head') throw new Error('no head');
  return event.head;
}

/** What the decoder says behind the head. */
function behindHead(message: string, previews?: readonly ('continue' | 'answered')[]): string[] {
  return icapRequestTranscript([latin1(message)], previews === undefined ? {} : { previews }).slice(1);
}

test('Squid sends OPTIONS without Encapsulated, others with it', () => {
  const squid = headOf(
    'OPTIONS icap://127.0.0.1:1344/echo ICAP/1.0\r\nHost: 127.0.0.1:1344\r\nAllow: 206, trailers\r\n\r\n',
  );
  assert.deepEqual(
    [squid.method, squid.body, squid.allows204, squid.allows206, squid.allowsTrailers],
    ['OPTIONS', 'null-body', false, true, true],
  );
  const other = headOf('OPTIONS icap://s/av ICAP/1.0\r\nHost: s\r\nEncapsulated: null-body=0\r\n\r\n');
  assert.deepEqual([other.body, other.request, other.response], ['null-body', undefined, undefined]);
  assert.deepEqual(
    behindHead('OPTIONS icap://s/av ICAP/1.0\r\nEncapsulated: opt-body=0\r\n\r\n1\r\nx\r\n0\r\n\r\n'),
    ['body "x"', 'end', 'closed'],
  );
});

test('heads of the encapsulated messages: bytes, parsed, and the rule that they break', () => {
  const connect = headOf(
    reqmod('CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n', undefined, 'Preview: 0\r\n'),
  );
  assert.deepEqual(
    [
      connect.request?.head?.method,
      connect.request?.head?.authority,
      connect.request?.fault,
      connect.preview,
    ],
    ['CONNECT', 'a.test:443', undefined, 0],
  );
  // c-icap-client repeats the length of a POST.
  const post = 'POST http://a.test/form HTTP/1.0\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\n';
  const { request } = headOf(reqmod(post, '4\r\ntiny\r\n0\r\n\r\n'));
  assert.equal(Buffer.from(request!.bytes).toString('latin1'), post);
  assert.equal(request!.fault, 'HTTP1_DUPLICATE_CONTENT_LENGTH');
  assert.deepEqual([request!.head!.host, request!.head!.path], ['a.test', '/form']);
  const faulty: Readonly<Record<string, readonly [fault: string, isParsed: boolean]>> = {
    'GET / HTTP/1.1\r\n\r\n': ['HTTP1_MISSING_HOST', true],
    'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n': ['HTTP1_DUPLICATE_HOST', true],
    'GET / HTTP/1.1\r\nX[0]: a\r\nHost: b\r\n\r\n': ['HTTP1_BAD_FIELD_NAME', false],
    'GET / HTTP/1.1\r\nX: \x01\r\nHost: b\r\n\r\n': ['HTTP1_BAD_FIELD_VALUE', false],
    'GET / HTTP/1.1\nHost: b\n\n': ['HTTP1_BARE_LF', false],
    'GET /a b HTTP/1.1\r\nHost: b\r\n\r\n': ['HTTP1_BAD_REQUEST_LINE', false],
  };
  for (const [block, [fault, isParsed]] of Object.entries(faulty)) {
    const found = headOf(reqmod(block, undefined)).request!;
    assert.deepEqual([found.fault, found.head !== undefined], [fault, isParsed], JSON.stringify(block));
    assert.equal(Buffer.from(found.bytes).toString('latin1'), block);
  }
});

test('a head that does not end where its section ends is refused, and at once', () => {
  const misfits = [
    // A second message hidden behind the first head, in every spelling of a blank line.
    `${HTTP_GET}POST /hidden HTTP/1.1\r\nHost: b\r\n\r\n`,
    'GET / HTTP/1.1\nHost: a\n\nX: y\r\n\r\n',
    'GET / HTTP/1.1\r\nX: \0\r\n\r\nX: y\r\n\r\n',
    'GET / HTTP/1.1\r\nX: \0\r\n\r\r\nX: y\r\n\r\n',
    '\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
    HTTP_GET.slice(0, -2),
    HTTP_GET.slice(0, -1),
    'GET / HTTP/1.1\r\nX: \0\r\n',
  ];
  for (const block of misfits) {
    assert.deepEqual(
      icapRequestTranscript([latin1(reqmod(block, undefined))]),
      ['violation ICAP_BAD_SECTION 400'],
      JSON.stringify(block),
    );
  }
  // c-icap 0.5.10 waits for the bytes that never come.
  const beyond = reqmod(`${HTTP_GET}${'x'.repeat(500)}`, undefined).slice(0, -500);
  assert.deepEqual(icapRequestTranscript([latin1(beyond)], { end: false }), [
    'violation ICAP_BAD_SECTION 400',
  ]);
});

test('previews: answered, continued, and whole', () => {
  const next = 'OPTIONS /s ICAP/1.0\r\nHost: s\r\n\r\n';
  const open = reqmod(HTTP_GET, '3\r\nabc\r\n0\r\n\r\n', 'Preview: 3\r\n');
  assert.deepEqual(behindHead(open + next, ['answered']).slice(0, 2), ['body "abc"', 'preview-end']);
  assert.match(behindHead(open + next, ['answered'])[2]!, /^head .*OPTIONS/);
  assert.deepEqual(behindHead(`${open}2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n`, ['continue']), [
    'body "abc"',
    'preview-end',
    'body "de"',
    'end "X-Sum: 5\\r\\n"',
    'closed',
  ]);
  // Shorter than announced, and not the end: the client has no more yet.
  assert.deepEqual(behindHead(reqmod('', '1\r\na\r\n0\r\n\r\n1\r\nb\r\n0\r\n\r\n', 'Preview: 9\r\n')), [
    'body "a"',
    'preview-end',
    'body "b"',
    'end',
    'closed',
  ]);
  for (const last of ['0; ieof', '0;ieof', '0 ;\tIEOF', '0; x=y; ieof', '000; ieof']) {
    assert.deepEqual(
      behindHead(reqmod('', `1\r\na\r\n${last}\r\nX: y\r\n\r\n`, 'Preview: 1\r\n')),
      ['body "a"', 'preview-end ieof', 'end "X: y\\r\\n"', 'closed'],
      last,
    );
  }
  // Nothing to preview, so nothing to wait for: Squid announces it all the same.
  assert.deepEqual(behindHead(reqmod(HTTP_GET, undefined, 'Preview: 0\r\n')), ['end', 'closed']);
});

test('previews that are refused', () => {
  const cases: Readonly<Record<string, string>> = {
    '2\r\nab\r\n0\r\n\r\n': 'ICAP_PREVIEW_TOO_LONG',
    '1\r\na\r\n1\r\nb\r\n0\r\n\r\n': 'ICAP_PREVIEW_TOO_LONG',
    '1; ieof\r\na\r\n0\r\n\r\n': 'ICAP_BAD_CHUNK',
    '0; ieof=1\r\n\r\n': 'ICAP_BAD_CHUNK',
    '0 \r\n\r\n': 'ICAP_BAD_CHUNK',
    '0;\r\n\r\n': 'ICAP_BAD_CHUNK',
    '0; ieof,\r\n\r\n': 'ICAP_BAD_CHUNK',
    '0; "ieof"\r\n\r\n': 'ICAP_BAD_CHUNK',
    '0\r\nX: y\r\n\r\n': 'ICAP_BAD_TRAILER',
    '1\r\na': 'ICAP_CUT_BODY',
  };
  for (const [body, code] of Object.entries(cases)) {
    assert.equal(behindHead(reqmod('', body, 'Preview: 1\r\n')).at(-1), `violation ${code} 400`, body);
  }
  for (const value of ['', '-1', '1 2', '1, 1', '0x1', '1.0', '99999999999999999']) {
    const [line] = icapRequestTranscript([latin1(reqmod('', '0\r\n\r\n', `Preview: ${value}\r\n`))]);
    assert.equal(line, 'violation ICAP_BAD_PREVIEW 400', value);
  }
  const [twice] = icapRequestTranscript([latin1(reqmod('', '0\r\n\r\n', 'Preview: 1\r\nPreview: 1\r\n'))]);
  assert.equal(twice, 'violation ICAP_BAD_PREVIEW 400');
});

test('behind a preview the decoder waits for its caller, whatever has come in', () => {
  const decoder = new IcapRequestDecoder(ICAP_LIMITS);
  decoder.receive(latin1(`${reqmod('', '0\r\n\r\n', 'Preview: 0\r\n')}1\r\nx\r\n`));
  assert.deepEqual([decoder.next().kind, decoder.next().kind], ['head', 'preview-end']);
  assert.deepEqual(
    [decoder.next().kind, decoder.next().kind, decoder.hasBuffered],
    ['paused', 'paused', true],
  );
  decoder.keep();
  decoder.receive(latin1('0\r\n\r\n'));
  decoder.receiveEnd();
  assert.equal(decoder.next().kind, 'paused');
  decoder.continue();
  assert.throws(() => decoder.continue(), /no preview waits/);
  assert.throws(() => decoder.answered(), /no preview waits/);
  assert.deepEqual(
    [decoder.next().kind, decoder.next().kind, decoder.next().kind],
    ['body', 'end', 'closed'],
  );
});

test('ieof outside a preview is the end that it says', () => {
  assert.deepEqual(behindHead(reqmod('', '1\r\na\r\n0; ieof\r\n\r\n')), ['body "a"', 'end', 'closed']);
  const after = reqmod('', '0\r\n\r\n1\r\na\r\n0; ieof\r\n\r\n', 'Preview: 0\r\n');
  assert.deepEqual(behindHead(after), ['preview-end', 'body "a"', 'end', 'closed']);
  // And leaves nothing behind for the next preview.
  const next = reqmod('', '0\r\n\r\n0\r\n\r\n', 'Preview: 0\r\n');
  assert.deepEqual(behindHead(after + next).slice(-3), ['preview-end', 'end', 'closed']);
});

test('pipelined requests, one empty line, and the last one', () => {
  const one = reqmod(HTTP_GET, undefined);
  const two = reqmod(HTTP_GET, '1\r\na\r\n0\r\n\r\n', 'Connection: close\r\n');
  const lines = icapRequestTranscript([latin1(`${one}\r\n${two}GARBAGE`)]);
  assert.deepEqual(
    lines.map((line) => line.split(' ')[0]),
    ['head', 'end', 'head', 'body', 'end', 'closed'],
  );
  assert.equal(headOf(one).keepAlive, true);
  assert.equal(headOf(two).keepAlive, false);
  assert.equal(headOf(reqmod('', undefined, 'Connection: Keep-Alive\r\n')).keepAlive, true);
  // ownCloud and Nextcloud close; a preview that is answered ends it, too.
  const last = reqmod('', '0\r\n\r\n', 'Preview: 0\r\nConnection: close\r\n');
  assert.deepEqual(behindHead(`${last}junk`, ['answered']), ['preview-end', 'closed']);
});

test('an empty file from Nextcloud: a chunk of no bytes, then the last chunk once more', () => {
  const head = 'PUT / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n';
  const bytes = latin1(
    'REQMOD icap://av.test/avscan ICAP/1.0\r\nAllow: 204\r\nHost: av.test\r\nUser-Agent: NC-ICAP-CLIENT/0.5.0\r\n' +
      `Connection: close\r\nEncapsulated: req-hdr=0, req-body=${head.length}\r\n\r\n${head}0\r\n\r\n\r\n0\r\n\r\n`,
  );
  const lines = icapRequestTranscript([bytes]);
  assert.match(lines[0]!, /"method":"PUT","target":"\/","host":"127.0.0.1"/);
  assert.deepEqual(lines.slice(1), ['end', 'closed']);
});

test('fields of the head', () => {
  const code = (fields: string, target = 'icap://s/av'): string =>
    icapRequestTranscript([latin1(`OPTIONS ${target} ICAP/1.0\r\n${fields}\r\n`)])[0]!.replace(
      /^head .*/,
      'head',
    );
  assert.equal(code(''), 'head');
  assert.equal(code('Host:\r\n'), 'head');
  assert.equal(code('', '/av'), 'violation ICAP_MISSING_HOST 400');
  assert.equal(code('Host:\r\n', '/av'), 'violation ICAP_MISSING_HOST 400');
  assert.equal(code('Host: s\r\n', '/av'), 'head');
  for (const field of ['Content-Length: 0', 'Transfer-Encoding: chunked', 'content-length: 5']) {
    assert.equal(code(`${field}\r\n`), 'violation ICAP_FOREIGN_FRAMING 400');
  }
  // Nextcloud sends an empty X-Client-IP.
  assert.equal(headOf(reqmod('', undefined, 'X-Client-IP:\r\n')).fields.get('x-client-ip'), '');
  const allow = (value: string): boolean => headOf(reqmod('', undefined, `Allow: ${value}\r\n`)).allows204;
  assert.deepEqual(['204', '206, 204', 'trailers\r\nAllow: 204', '2040', '204 206', ''].map(allow), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('each request has its own address', () => {
  const text = ['icap://s/a', 'icap://s/b?x', 'icap://s/b?x', '/c']
    .map((target) => `OPTIONS ${target} ICAP/1.0\r\nHost: s\r\n\r\n`)
    .join('');
  const paths = icapRequestTranscript([latin1(text)]).flatMap(
    (line) => /"path":"([^"]*)"/.exec(line)?.[1] ?? [],
  );
  assert.deepEqual(paths, ['/a', '/b', '/b', '/c']);
});

test('limits are met exactly', () => {
  const message = reqmod(HTTP_GET, undefined);
  const headBytes = message.length - HTTP_GET.length;
  const exact = {
    ...ICAP_LIMITS,
    headBytesMax: headBytes,
    encapsulatedBytesMax: HTTP_GET.length,
    fieldsMax: 2,
  };
  const last = (limits: typeof ICAP_LIMITS): string =>
    icapRequestTranscript([latin1(message)], { limits }).at(-1)!;
  assert.equal(last({ ...exact, targetBytesMax: 'icap://s/av'.length }), 'closed');
  assert.equal(
    last({ ...exact, targetBytesMax: 'icap://s/av'.length - 1 }),
    'violation ICAP_TARGET_TOO_LONG 413',
  );
  assert.equal(last({ ...exact, headBytesMax: headBytes - 1 }), 'violation ICAP_HEAD_TOO_LARGE 413');
  assert.equal(last({ ...exact, headBytesMax: 10 }), 'violation ICAP_TARGET_TOO_LONG 413');
  assert.equal(last({ ...exact, fieldsMax: 1 }), 'violation ICAP_TOO_MANY_FIELDS 413');
  assert.equal(
    last({ ...exact, encapsulatedBytesMax: HTTP_GET.length - 1 }),
    'violation ICAP_ENCAPSULATED_TOO_LARGE 413',
  );
});

test('what stands before a request line', () => {
  const first = (text: string): string => icapRequestTranscript([latin1(text)])[0]!;
  assert.match(first('\r\nOPTIONS /s ICAP/1.0\r\nHost: s\r\n\r\n'), /^head/);
  assert.equal(first('\nOPTIONS /s ICAP/1.0\r\nHost: s\r\n\r\n'), 'violation ICAP_BARE_LF 400');
  assert.equal(first('\rOPTIONS /s ICAP/1.0\r\nHost: s\r\n\r\n'), 'violation ICAP_BARE_CR 400');
  assert.equal(first('\r\r\n'), 'violation ICAP_BARE_CR 400');
  assert.equal(first(' OPTIONS /s ICAP/1.0\r\n'), 'violation ICAP_BAD_REQUEST_LINE 400');
  assert.equal(first('\r'), 'violation ICAP_CUT_HEAD 400');
  // Skipped before each request anew.
  const one = '\r\nOPTIONS /s ICAP/1.0\r\nHost: s\r\n\r\n';
  assert.equal(icapRequestTranscript([latin1(one + one)]).at(-1), 'closed');
});

test('bodies are views of what was received', () => {
  const decoder = new IcapRequestDecoder(ICAP_LIMITS);
  const payload = 'x'.repeat(50_000);
  const chunk = latin1(reqmod(HTTP_GET, `c350\r\n${payload}\r\n0\r\n\r\n`));
  decoder.receive(chunk);
  const head = decoder.next();
  const event = decoder.next();
  assert.ok(head.kind === 'head' && event.kind === 'body');
  assert.equal(event.bytes.length, 50_000);
  assert.equal(event.bytes.buffer, chunk.buffer);
  assert.equal(head.head.request!.bytes.buffer, chunk.buffer);
});
