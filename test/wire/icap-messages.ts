import type { Asked } from '../../src/protocols/icap/index.ts';

/** The messages that RFC 3507 shows, as bytes, with what they mean. */
export interface IcapVector {
  /** Section of the RFC and what it shows. */
  readonly name: string;
  /** What a response answers; `undefined`: it is a request. */
  readonly asked: Asked | undefined;
  readonly bytes: Buffer;
  /** What the codec says of it, in short. */
  readonly expected: readonly string[];
}

const DATE = 'Date: Mon, 10 Jan 2000  09:55:21 GMT';
const SERVER = 'Server: ICAP-Server-Software/1.0';
const ISTAG = 'ISTag: "W3E4R7U9-L2E4-2"';
const MODIFIED = ['ICAP/1.0 200 OK', DATE, SERVER, 'Connection: close', ISTAG];
const REQMOD: Asked = { method: 'REQMOD', previewed: false };

/** Heads as lines, bodies as text. */
type Parts = readonly (readonly string[] | string)[];

function message(...parts: Parts): Buffer {
  const text = parts.map((part) => (typeof part === 'string' ? part : `${part.join('\r\n')}\r\n\r\n`));
  return Buffer.from(text.join(''), 'latin1');
}

function request(name: string, expected: readonly string[], ...parts: Parts): IcapVector {
  return { name, asked: undefined, bytes: message(...parts), expected };
}

export const RFC_VECTORS: readonly IcapVector[] = [
  request(
    '4.8.3 example 1, a GET',
    ['REQMOD icap-server.net /server?arg=87 keep null-body', 'request GET / www.origin-server.com', 'end'],
    [
      'REQMOD icap://icap-server.net/server?arg=87 ICAP/1.0',
      'Host: icap-server.net',
      'Encapsulated: req-hdr=0, null-body=170',
    ],
    [
      'GET / HTTP/1.1',
      'Host: www.origin-server.com',
      'Accept: text/html, text/plain',
      'Accept-Encoding: compress',
      'Cookie: ff39fk3jur@4ii0e02i',
      'If-None-Match: "xyzzy", "r2d2xxxx"',
    ],
  ),
  {
    name: '4.8.3 example 1, the changed GET',
    asked: REQMOD,
    bytes: message(
      [...MODIFIED, 'Encapsulated: req-hdr=0, null-body=231'],
      [
        'GET /modified-path HTTP/1.1',
        'Host: www.origin-server.com',
        'Via: 1.0 icap-server.net (ICAP Example ReqMod Service 1.1)',
        'Accept: text/html, text/plain, image/gif',
        'Accept-Encoding: gzip, compress',
        'If-None-Match: "xyzzy", "r2d2xxxx"',
      ],
    ),
    expected: [
      '200 OK W3E4R7U9-L2E4-2 close null-body',
      'request GET /modified-path www.origin-server.com',
      'end',
    ],
  },
  request(
    '4.8.3 example 2, a POST',
    [
      'REQMOD icap-server.net /server?arg=87 keep req-body',
      'request POST /origin-resource/form.pl www.origin-server.com',
      'body "I am posting this information."',
      'end',
    ],
    [
      'REQMOD icap://icap-server.net/server?arg=87 ICAP/1.0',
      'Host: icap-server.net',
      'Encapsulated: req-hdr=0, req-body=147',
    ],
    [
      'POST /origin-resource/form.pl HTTP/1.1',
      'Host: www.origin-server.com',
      'Accept: text/html, text/plain',
      'Accept-Encoding: compress',
      'Pragma: no-cache',
    ],
    '1e\r\nI am posting this information.\r\n0\r\n\r\n',
  ),
  {
    name: '4.8.3 example 2, the changed POST',
    asked: REQMOD,
    bytes: message(
      [...MODIFIED, 'Encapsulated: req-hdr=0, req-body=244'],
      [
        'POST /origin-resource/form.pl HTTP/1.1',
        'Host: www.origin-server.com',
        'Via: 1.0 icap-server.net (ICAP Example ReqMod Service 1.1)',
        'Accept: text/html, text/plain, image/gif',
        'Accept-Encoding: gzip, compress',
        'Pragma: no-cache',
        'Content-Length: 45',
      ],
      '2d\r\nI am posting this information.  ICAP powered!\r\n0\r\n\r\n',
    ),
    expected: [
      '200 OK W3E4R7U9-L2E4-2 close req-body',
      'request POST /origin-resource/form.pl www.origin-server.com',
      'body "I am posting this information.  ICAP powered!"',
      'end',
    ],
  },
  request(
    '4.8.3 example 3, a GET that is refused',
    [
      'REQMOD icap-server.net /content-filter keep null-body',
      'request GET /naughty-content www.naughty-site.com',
      'end',
    ],
    [
      'REQMOD icap://icap-server.net/content-filter ICAP/1.0',
      'Host: icap-server.net',
      'Encapsulated: req-hdr=0, null-body=119',
    ],
    [
      'GET /naughty-content HTTP/1.1',
      'Host: www.naughty-site.com',
      'Accept: text/html, text/plain',
      'Accept-Encoding: compress',
    ],
  ),
  {
    name: '4.8.3 example 3, the refusal',
    asked: REQMOD,
    bytes: message(
      [...MODIFIED, 'Encapsulated: res-hdr=0, res-body=213'],
      [
        'HTTP/1.1 403 Forbidden',
        'Date: Wed, 08 Nov 2000 16:02:10 GMT',
        'Server: Apache/1.3.12 (Unix)',
        'Last-Modified: Thu, 02 Nov 2000 13:51:37 GMT',
        'ETag: "63600-1989-3a017169"',
        'Content-Length: 58',
        'Content-Type: text/html',
      ],
      '3a\r\nSorry, you are not allowed to access that naughty content.\r\n0\r\n\r\n',
    ),
    expected: [
      '200 OK W3E4R7U9-L2E4-2 close res-body',
      'response 403 Forbidden',
      'body "Sorry, you are not allowed to access that naughty content."',
      'end',
    ],
  },
  request(
    '4.9.3 example 4, a response',
    [
      'RESPMOD icap.example.org /satisf keep res-body',
      'request GET /origin-resource www.origin-server.com',
      'response 200 OK',
      'body "This is data that was returned by an origin server."',
      'end',
    ],
    [
      'RESPMOD icap://icap.example.org/satisf ICAP/1.0',
      'Host: icap.example.org',
      'Encapsulated: req-hdr=0, res-hdr=137, res-body=296',
    ],
    [
      'GET /origin-resource HTTP/1.1',
      'Host: www.origin-server.com',
      'Accept: text/html, text/plain, image/gif',
      'Accept-Encoding: gzip, compress',
    ],
    [
      'HTTP/1.1 200 OK',
      'Date: Mon, 10 Jan 2000 09:52:22 GMT',
      'Server: Apache/1.3.6 (Unix)',
      'ETag: "63840-1ab7-378d415b"',
      'Content-Type: text/html',
      'Content-Length: 51',
    ],
    '33\r\nThis is data that was returned by an origin server.\r\n0\r\n\r\n',
  ),
  {
    name: '4.9.3 example 4, the changed response',
    asked: { method: 'RESPMOD', previewed: false },
    bytes: message(
      [...MODIFIED, 'Encapsulated: res-hdr=0, res-body=222'],
      [
        'HTTP/1.1 200 OK',
        'Date: Mon, 10 Jan 2000  09:55:21 GMT',
        'Via: 1.0 icap.example.org (ICAP Example RespMod Service 1.1)',
        'Server: Apache/1.3.6 (Unix)',
        'ETag: "63840-1ab7-378d415b"',
        'Content-Type: text/html',
        'Content-Length: 92',
      ],
      '5c\r\nThis is data that was returned by an origin server, but with\r\nvalue added by an ICAP server.\r\n0\r\n\r\n',
    ),
    expected: [
      '200 OK W3E4R7U9-L2E4-2 close res-body',
      'response 200 OK',
      'body "This is data that was returned by an origin server, but with\\r\\nvalue added by an ICAP server."',
      'end',
    ],
  },
  request(
    '4.10.3 example 5, OPTIONS',
    ['OPTIONS icap.server.net /sample-service keep null-body', 'end'],
    [
      'OPTIONS icap://icap.server.net/sample-service ICAP/1.0',
      'Host: icap.server.net',
      'User-Agent: BazookaDotCom-ICAP-Client-Library/2.3',
    ],
  ),
  {
    name: '4.10.3 example 5, the options',
    asked: { method: 'OPTIONS', previewed: false },
    bytes: message([
      'ICAP/1.0 200 OK',
      DATE,
      'Methods: RESPMOD',
      'Service: FOO Tech Server 1.0',
      ISTAG,
      'Encapsulated: null-body=0',
      'Max-Connections: 1000',
      'Options-TTL: 7200',
      'Allow: 204',
      'Preview: 2048',
      'Transfer-Complete: asp, bat, exe, com',
      'Transfer-Ignore: html',
      'Transfer-Preview: *',
    ]),
    expected: ['200 OK W3E4R7U9-L2E4-2 keep null-body', 'end'],
  },
  request(
    '4.5 an empty body that ends in its preview of 1024',
    ['RESPMOD a /s keep res-body preview 1024', 'preview-end ieof', 'end'],
    ['RESPMOD icap://a/s ICAP/1.0', 'Host: a', 'Preview: 1024', 'Encapsulated: res-body=0'],
    '0; ieof\r\n\r\n',
  ),
  request(
    '4.5 a body of two chunks that fills its preview of 1024',
    ['RESPMOD a /s keep res-body preview 1024', `body "${'x'.repeat(1024)}"`, 'preview-end ieof', 'end'],
    ['RESPMOD icap://a/s ICAP/1.0', 'Host: a', 'Preview: 1024', 'Encapsulated: res-body=0'],
    `200\r\n${'x'.repeat(512)}\r\n200\r\n${'x'.repeat(512)}\r\n0; ieof\r\n\r\n`,
  ),
  request(
    '4.5 a body of one byte more than its preview',
    [
      'RESPMOD a /s keep res-body preview 1024',
      `body "${'x'.repeat(1024)}"`,
      'preview-end',
      'body "y"',
      'end',
    ],
    ['RESPMOD icap://a/s ICAP/1.0', 'Host: a', 'Preview: 1024', 'Encapsulated: res-body=0'],
    `200\r\n${'x'.repeat(512)}\r\n200\r\n${'x'.repeat(512)}\r\n0\r\n\r\n1\r\ny\r\n0\r\n\r\n`,
  ),
];
