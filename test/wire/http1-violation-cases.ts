import { type Http1Limits, type Http1Violation } from '../../src/protocols/http1/index.ts';

/** Small, so that the limits are met by short texts. */
export const CASE_LIMITS: Http1Limits = {
  headBytesMax: 160,
  targetBytesMax: 40,
  fieldsMax: 4,
  chunkLineBytesMax: 16,
  trailerBytesMax: 32,
};

/** What a peer sends to earn a violation in that role; `undefined`: the role has no such rule. */
export interface ViolationCase {
  readonly request: string | undefined;
  readonly response: string | undefined;
}

const STATUS = 'HTTP/1.1 200 OK\r\n';

/** For every code the shortest message that breaks nothing but the rule behind it. */
export const VIOLATION_CASES: Readonly<Record<Http1Violation, ViolationCase>> = {
  HTTP1_BAD_REQUEST_LINE: requestOnly('GET  / HTTP/1.1\r\nHost: a\r\n\r\n'),
  HTTP1_BAD_METHOD: requestOnly(`${'M'.repeat(33)} / HTTP/1.1\r\nHost: a\r\n\r\n`),
  HTTP1_BAD_TARGET: requestOnly('GET /#x HTTP/1.1\r\nHost: a\r\n\r\n'),
  HTTP1_BAD_SCHEME: requestOnly('GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n'),
  HTTP1_USERINFO: requestOnly('GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n'),
  HTTP1_BAD_AUTHORITY: requestOnly('CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n'),
  HTTP1_TARGET_TOO_LONG: requestOnly(`GET /${'x'.repeat(40)} HTTP/1.1\r\nHost: a\r\n\r\n`),
  HTTP1_BAD_VERSION: {
    request: 'GET / HTTP/2.0\r\nHost: a\r\n\r\n',
    response: 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n',
  },
  HTTP1_EMPTY_LINES: requestOnly('\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n'),
  HTTP1_BAD_STATUS_LINE: responseOnly('HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n'),
  HTTP1_HEAD_TOO_LARGE: fields(`X: ${'x'.repeat(160)}`),
  HTTP1_TOO_MANY_FIELDS: fields('A:\r\nB:\r\nC:\r\nD:\r\nE:'),
  HTTP1_BARE_CR: fields('X: y\rZ'),
  HTTP1_BARE_LF: fields('X: y\nZ: z'),
  HTTP1_OBS_FOLD: fields('X: y\r\n z'),
  HTTP1_BAD_FIELD_NAME: fields('X@Y: z'),
  HTTP1_SPACE_BEFORE_COLON: fields('X : y'),
  HTTP1_BAD_FIELD_VALUE: fields('X: \0'),
  HTTP1_DISGUISED_FIELD: fields('Content_Length: 5'),
  HTTP1_BAD_CONTENT_LENGTH: fields('Content-Length: +5'),
  HTTP1_DUPLICATE_CONTENT_LENGTH: fields('Content-Length: 5\r\nContent-Length: 5'),
  HTTP1_LENGTH_AND_CODING: fields('Content-Length: 5\r\nTransfer-Encoding: chunked'),
  HTTP1_BAD_TRANSFER_ENCODING: fields('Transfer-Encoding: chunked, gzip'),
  HTTP1_DUPLICATE_TRANSFER_ENCODING: fields('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'),
  HTTP1_UNKNOWN_TRANSFER_CODING: fields('Transfer-Encoding: gzip, chunked'),
  HTTP1_CODING_IN_HTTP10: {
    request: 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n',
    response: 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  },
  HTTP1_MISSING_HOST: requestOnly('GET http://a/ HTTP/1.1\r\n\r\n'),
  HTTP1_DUPLICATE_HOST: requestOnly('GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'),
  HTTP1_BAD_HOST: requestOnly('GET / HTTP/1.1\r\nHost: a,b\r\n\r\n'),
  HTTP1_BAD_CONNECTION: fields('Connection: content-length'),
  HTTP1_BAD_EXPECT: requestOnly('POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n'),
  HTTP1_UNEXPECTED_BODY: requestOnly('TRACE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n'),
  HTTP1_BAD_CHUNK: chunked('1\r\nxy\r\n0\r\n\r\n'),
  HTTP1_CHUNK_LINE_TOO_LONG: chunked(`1;${'x'.repeat(16)}\r\nx\r\n0\r\n\r\n`),
  HTTP1_BAD_TRAILER: chunked('0\r\nContent-Length: 5\r\n\r\n'),
  HTTP1_TRAILER_TOO_LARGE: chunked(`0\r\nX: ${'x'.repeat(32)}\r\n\r\n`),
  HTTP1_UNEXPECTED_DATA: responseOnly(`${STATUS}Content-Length: 0\r\n\r\n${STATUS}`),
  HTTP1_CUT_HEAD: { request: 'GET / HTTP/1.1\r\nHost: a\r\n', response: STATUS },
  HTTP1_CUT_BODY: chunked('2\r\nx'),
};

function requestOnly(request: string): ViolationCase {
  return { request, response: undefined };
}

function responseOnly(response: string): ViolationCase {
  return { request: undefined, response };
}

/** The field lines in a head that is well-formed otherwise. */
function fields(lines: string): ViolationCase {
  return {
    request: `POST / HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n`,
    response: `${STATUS}${lines}\r\n\r\n`,
  };
}

function chunked(body: string): ViolationCase {
  const { request, response } = fields('Transfer-Encoding: chunked');
  return { request: `${request}${body}`, response: `${response}${body}` };
}
