import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1 } from '../../../test/fuzz/http1-drive.ts';
import { ICAP_LIMITS } from '../../../test/fuzz/icap-drive.ts';
import {
  encodeAnswer,
  encodeContinue,
  encodeOptionsAnswer,
  encodeOriginalBody,
  encodePreview,
  encodeRequest,
  type IcapOptions,
  type IcapRequest,
  IcapResponseDecoder,
  quoteIstag,
  readOptions,
} from './index.ts';

function text(...pieces: readonly Uint8Array[]): string {
  return Buffer.concat(pieces).toString('latin1');
}

const ANSWER = { istag: 'SP-1', fields: [], keepAlive: true } as const;

test('answers, byte for byte', () => {
  assert.equal(text(encodeContinue()), 'ICAP/1.0 100 Continue\r\n\r\n');
  assert.equal(
    text(...encodeAnswer({ ...ANSWER, status: 204, fields: [['X-ICAP-Verdict-Id', '7']] })),
    'ICAP/1.0 204 No Content\r\nISTag: "SP-1"\r\nEncapsulated: null-body=0\r\nX-ICAP-Verdict-Id: 7\r\nConnection: keep-alive\r\n\r\n',
  );
  const request = latin1('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  const response = latin1('HTTP/1.1 403 Forbidden\r\n\r\n');
  const pieces = encodeAnswer({ ...ANSWER, status: 200, encapsulated: { response, body: 'res-body' } });
  assert.equal(pieces[1], response);
  assert.equal(
    text(...pieces),
    `ICAP/1.0 200 OK\r\nISTag: "SP-1"\r\nEncapsulated: res-hdr=0, res-body=26\r\nConnection: keep-alive\r\n\r\n${text(response)}`,
  );
  assert.match(
    text(...encodeAnswer({ ...ANSWER, status: 200, encapsulated: { request, body: 'null-body' } })),
    /\r\nEncapsulated: req-hdr=0, null-body=27\r\n/,
  );
  assert.equal(
    text(...encodeAnswer({ ...ANSWER, status: 405, keepAlive: false })),
    'ICAP/1.0 405 Method Not Allowed For Service\r\nISTag: "SP-1"\r\nEncapsulated: null-body=0\r\nConnection: close\r\n\r\n',
  );
  assert.equal(text(encodeOriginalBody(1024)), '0; use-original-body=1024\r\n\r\n');
});

test('no value adds a line, no field is written twice, nothing impossible is said', () => {
  const hostile = text(
    ...encodeAnswer({ ...ANSWER, status: 204, reason: 'a\r\nb', fields: [['X-A', 'b\r\nc: d\0\u{100}']] }),
  );
  assert.match(hostile, /^ICAP\/1.0 204 a {2}b\r\n/);
  assert.match(hostile, /\r\nX-A: b {2}c: d {2}\r\n/);
  for (const name of [
    '',
    'X A',
    'X:',
    'ISTag',
    'encapsulated',
    'Connection',
    'Content-Length',
    'Transfer-Encoding',
  ]) {
    assert.throws(() => encodeAnswer({ ...ANSWER, status: 204, fields: [[name, 'x']] }), RangeError, name);
  }
  assert.match(text(...encodeAnswer({ ...ANSWER, status: 599 })), /^ICAP\/1.0 599 \r\n/);
  for (const status of [100, 199, 600, 200.5]) {
    assert.throws(() => encodeAnswer({ ...ANSWER, status }), /not a status/);
  }
  assert.throws(
    () => encodeAnswer({ ...ANSWER, status: 204, encapsulated: { body: 'res-body' } }),
    /no content/,
  );
  assert.throws(() => encodeOriginalBody(-1), RangeError);
  for (const tag of ['', 'x'.repeat(33), 'a"b', 'a\\b', 'a b', 'ä', '\0']) {
    assert.throws(() => quoteIstag(tag), RangeError, tag);
  }
  assert.equal(quoteIstag('x'.repeat(32)), `"${'x'.repeat(32)}"`);
});

const OPTIONS: IcapOptions = {
  methods: ['RESPMOD'],
  service: 'Sallyport 1.0',
  serviceId: 'avscan',
  maxConnections: 1000,
  ttlS: 3600,
  allows204: true,
  allows206: true,
  preview: 1024,
  transferPreview: ['*'],
  transferIgnore: ['html', 'css'],
  transferComplete: ['exe'],
};

function readBack(pieces: readonly Uint8Array[]): IcapOptions {
  const decoder = new IcapResponseDecoder(ICAP_LIMITS);
  decoder.begin({ method: 'OPTIONS', previewed: false });
  decoder.receive(Buffer.concat(pieces));
  const event = decoder.next();
  if (event.kind !== 'head') throw new Error(JSON.stringify(event));
  return readOptions(event.head, 10);
}

test('options, byte for byte and read back', () => {
  const pieces = encodeOptionsAnswer({ ...ANSWER, ...OPTIONS });
  assert.equal(
    text(...pieces),
    [
      'ICAP/1.0 200 OK',
      'ISTag: "SP-1"',
      'Encapsulated: null-body=0',
      'Methods: RESPMOD',
      'Service: Sallyport 1.0',
      'Service-ID: avscan',
      'Max-Connections: 1000',
      'Options-TTL: 3600',
      'Allow: 204, 206',
      'Preview: 1024',
      'Transfer-Preview: *',
      'Transfer-Ignore: html, css',
      'Transfer-Complete: exe',
      'Connection: keep-alive',
      '',
      '',
    ].join('\r\n'),
  );
  assert.deepEqual(readBack(pieces), OPTIONS);
  const least: IcapOptions = { methods: ['REQMOD', 'RESPMOD'], allows204: false, allows206: false };
  assert.deepEqual(
    Object.entries(readBack(encodeOptionsAnswer({ ...ANSWER, ...least }))).filter(
      ([, value]) => value !== undefined,
    ),
    Object.entries(least),
  );
  const none: IcapOptions = { ...least, preview: 0, ttlS: 0, maxConnections: 0 };
  const zeros = readBack(encodeOptionsAnswer({ ...ANSWER, ...none }));
  assert.deepEqual([zeros.preview, zeros.ttlS, zeros.maxConnections], [0, 0, 0]);
  const withBody = encodeOptionsAnswer({ ...ANSWER, ...least, optBodyType: 'Policy-1.0' });
  assert.match(text(...withBody), /\r\nEncapsulated: opt-body=0\r\n(?:.*\r\n)*Opt-body-type: Policy-1.0\r\n/);
});

test('options that would mislead are not written, and what cannot be read was not said', () => {
  const write = (change: Partial<IcapOptions> & { readonly optBodyType?: string }): unknown =>
    encodeOptionsAnswer({ ...ANSWER, ...OPTIONS, ...change });
  assert.throws(() => write({ transferPreview: ['exe'] }), /wildcard/);
  assert.throws(() => write({ transferIgnore: ['*'] }), /wildcard/);
  assert.throws(() => write({ preview: -1 }), RangeError);
  assert.throws(() => write({ ttlS: 0.5 }), RangeError);
  assert.throws(() => write({ optBodyType: 'a b' }), RangeError);
  const odd =
    'ICAP/1.0 200 OK\r\nMethods: reqmod, FOO\r\nAllow: a b\r\nPreview: many\r\nOptions-TTL:\r\n\r\n';
  const read = readBack([latin1(odd)]);
  assert.deepEqual(
    [read.methods, read.allows204, read.preview, read.ttlS],
    [['REQMOD'], false, undefined, undefined],
  );
});

const REQUEST: IcapRequest = {
  method: 'RESPMOD',
  target: 'icap://av.test/s?x',
  host: 'av.test',
  allow: ['204', '206'],
  fields: [['X-Client-IP', '10.0.0.7']],
  keepAlive: true,
};

test('requests, byte for byte', () => {
  const request = latin1('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  const response = latin1('HTTP/1.1 200 OK\r\n\r\n');
  const pieces = encodeRequest({
    ...REQUEST,
    preview: 0,
    encapsulated: { request, response, body: 'res-body' },
  });
  assert.deepEqual([pieces[1], pieces[2]], [request, response]);
  assert.equal(
    text(pieces[0]!),
    'RESPMOD icap://av.test/s?x ICAP/1.0\r\nHost: av.test\r\nAllow: 204, 206\r\nPreview: 0\r\n' +
      'Encapsulated: req-hdr=0, res-hdr=27, res-body=46\r\nX-Client-IP: 10.0.0.7\r\n\r\n',
  );
  assert.equal(
    text(...encodeRequest({ ...REQUEST, method: 'OPTIONS', allow: [], fields: [], keepAlive: false })),
    'OPTIONS icap://av.test/s?x ICAP/1.0\r\nHost: av.test\r\nEncapsulated: null-body=0\r\nConnection: close\r\n\r\n',
  );
  for (const target of ['', 'av', 'icap://a b/', 'icap://a/\r\nX: y', 'icap://a/#x', 'http://a/']) {
    assert.throws(() => encodeRequest({ ...REQUEST, target }), /not the address/, target);
  }
  assert.throws(() => encodeRequest({ ...REQUEST, preview: -1 }), /not a preview/);
  assert.throws(() => encodeRequest({ ...REQUEST, allow: ['2 04'] }), /list of tokens/);
  assert.throws(() => encodeRequest({ ...REQUEST, fields: [['Preview', '1']] }), RangeError);
});

test('previews, byte for byte', () => {
  const body = latin1('abcdef');
  const check = (preview: number, isWhole: boolean, written: string, rest: string): void => {
    const encoded = encodePreview(body, preview, isWhole);
    assert.deepEqual([text(...encoded.pieces), text(encoded.rest)], [written, rest]);
    assert.equal(encoded.ieof, written.includes('ieof'));
  };
  check(0, true, '0\r\n\r\n', 'abcdef');
  check(4, true, '4\r\nabcd\r\n0\r\n\r\n', 'ef');
  check(6, true, '6\r\nabcdef\r\n0; ieof\r\n\r\n', '');
  check(9, true, '6\r\nabcdef\r\n0; ieof\r\n\r\n', '');
  check(6, false, '6\r\nabcdef\r\n0\r\n\r\n', '');
  assert.throws(() => encodePreview(body, 7, false), /not filled/);
  assert.equal(text(...encodePreview(latin1(''), 5, true).pieces), '0; ieof\r\n\r\n');
});
