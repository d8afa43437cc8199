import type { IcapLimits, IcapViolation } from '../../src/protocols/icap/index.ts';

/** Small, so that the limits are met by short texts. */
export const ICAP_CASE_LIMITS: IcapLimits = {
  headBytesMax: 200,
  targetBytesMax: 40,
  fieldsMax: 5,
  chunkLineBytesMax: 16,
  trailerBytesMax: 32,
  encapsulatedBytesMax: 80,
};

/** What a peer sends to earn a violation in that role; `undefined`: the role has no such rule. */
export interface IcapViolationCase {
  readonly request: string | undefined;
  readonly response: string | undefined;
}

const REQUEST_LINE = 'REQMOD icap://a/s ICAP/1.0\r\n';
const STATUS_LINE = 'ICAP/1.0 200 OK\r\n';
const HTTP = 'GET / HTTP/1.1\r\nHost: b\r\n\r\n';
const SIZE = HTTP.length;

/** For every code the shortest message that breaks nothing but the rule behind it. Responses answer REQMOD with a preview. */
export const ICAP_VIOLATION_CASES: Readonly<Record<IcapViolation, IcapViolationCase>> = {
  ICAP_BAD_REQUEST_LINE: requestOnly('REQMOD  icap://a/s ICAP/1.0\r\n\r\n'),
  ICAP_BAD_METHOD: requestOnly(`${'M'.repeat(33)} icap://a/s ICAP/1.0\r\n\r\n`),
  ICAP_UNKNOWN_METHOD: requestOnly('reqmod icap://a/s ICAP/1.0\r\nEncapsulated: null-body=0\r\n\r\n'),
  ICAP_BAD_TARGET: requestOnly('OPTIONS http://a/s ICAP/1.0\r\n\r\n'),
  ICAP_USERINFO: requestOnly('OPTIONS icap://u@a/s ICAP/1.0\r\n\r\n'),
  ICAP_BAD_AUTHORITY: requestOnly('OPTIONS icap://a:0/s ICAP/1.0\r\n\r\n'),
  ICAP_TARGET_TOO_LONG: requestOnly(`OPTIONS icap://a/${'x'.repeat(40)} ICAP/1.0\r\n\r\n`),
  ICAP_BAD_VERSION: {
    request: 'OPTIONS icap://a/s ICAP/2.0\r\n\r\n',
    response: 'ICAP/1.1 204 No Content\r\n\r\n',
  },
  ICAP_EMPTY_LINES: requestOnly('\r\n\r\nOPTIONS icap://a/s ICAP/1.0\r\n\r\n'),
  ICAP_BAD_STATUS_LINE: responseOnly('ICAP/1.0 20 OK\r\n\r\n'),
  ICAP_HEAD_TOO_LARGE: fields(`X: ${'x'.repeat(200)}`),
  ICAP_TOO_MANY_FIELDS: fields('A:\r\nB:\r\nC:\r\nD:\r\nE:\r\nF:'),
  ICAP_BARE_CR: fields('X: y\rZ'),
  ICAP_BARE_LF: fields('X: y\nZ: z'),
  // In answers a field may be folded; before the first one there is none.
  ICAP_OBS_FOLD: {
    request: 'OPTIONS icap://a/s ICAP/1.0\r\nHost: a\r\nX: y\r\n z\r\n\r\n',
    response: 'ICAP/1.0 204 No Content\r\n X: y\r\n\r\n',
  },
  ICAP_BAD_FIELD_NAME: fields('X@Y: z'),
  ICAP_SPACE_BEFORE_COLON: fields('X : y'),
  ICAP_BAD_FIELD_VALUE: fields('X: \0'),
  ICAP_DISGUISED_FIELD: fields('Transfer_Encoding: chunked'),
  ICAP_FOREIGN_FRAMING: fields('Content-Length: 5'),
  ICAP_MISSING_HOST: requestOnly('OPTIONS /s ICAP/1.0\r\n\r\n'),
  ICAP_DUPLICATE_HOST: requestOnly('OPTIONS icap://a/s ICAP/1.0\r\nHost: a\r\nHost: a\r\n\r\n'),
  ICAP_BAD_HOST: requestOnly('OPTIONS icap://a/s ICAP/1.0\r\nHost: a,b\r\n\r\n'),
  ICAP_BAD_CONNECTION: fields('Connection: a b'),
  ICAP_BAD_PREVIEW: requestOnly(`${REQUEST_LINE}Preview: -1\r\nEncapsulated: req-body=0\r\n\r\n0\r\n\r\n`),
  ICAP_MISSING_ENCAPSULATED: { request: `${REQUEST_LINE}\r\n${HTTP}`, response: `${STATUS_LINE}\r\n${HTTP}` },
  ICAP_DUPLICATE_ENCAPSULATED: fields('Encapsulated: null-body=0\r\nEncapsulated: null-body=0'),
  ICAP_BAD_ENCAPSULATED: encapsulated('null-body=0x0'),
  ICAP_WRONG_SECTION: {
    request: `${REQUEST_LINE}Encapsulated: res-hdr=0, res-body=30\r\n\r\n`,
    response: `${STATUS_LINE}Encapsulated: req-hdr=0, res-body=30\r\n\r\n`,
  },
  ICAP_BAD_OFFSET: encapsulated('req-hdr=5, null-body=5'),
  ICAP_ENCAPSULATED_TOO_LARGE: encapsulated('req-hdr=0, null-body=81'),
  ICAP_BAD_SECTION: encapsulated(`req-hdr=0, null-body=${SIZE + 1}`, HTTP),
  ICAP_PREVIEW_TOO_LONG: requestOnly(
    `${REQUEST_LINE}Preview: 2\r\nEncapsulated: req-body=0\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  ),
  ICAP_BAD_CHUNK: chunked('1\r\nxy\r\n0\r\n\r\n'),
  ICAP_CHUNK_LINE_TOO_LONG: chunked(`1;${'x'.repeat(16)}\r\n`),
  ICAP_BAD_TRAILER: chunked('0\r\nHost: a\r\n\r\n'),
  ICAP_TRAILER_TOO_LARGE: chunked(`0\r\nX: ${'x'.repeat(32)}\r\n\r\n`),
  ICAP_UNEXPECTED_DATA: responseOnly('ICAP/1.0 204 No Content\r\n\r\nICAP/1.0 204 No Content\r\n\r\n'),
  ICAP_UNEXPECTED_CONTINUE: responseOnly('ICAP/1.0 100 Continue\r\n\r\nICAP/1.0 100 Continue\r\n\r\n'),
  ICAP_UNEXPECTED_BODY: responseOnly('ICAP/1.0 204 No Content\r\nEncapsulated: res-body=0\r\n\r\n0\r\n\r\n'),
  ICAP_CUT_HEAD: encapsulated(`req-hdr=0, null-body=${SIZE}`, HTTP.slice(0, 20)),
  ICAP_CUT_BODY: chunked('5\r\nabc'),
};

function requestOnly(request: string): IcapViolationCase {
  return { request, response: undefined };
}

function responseOnly(response: string): IcapViolationCase {
  return { request: undefined, response };
}

function fields(lines: string): IcapViolationCase {
  return {
    request: `OPTIONS icap://a/s ICAP/1.0\r\n${lines}\r\n\r\n`,
    response: `ICAP/1.0 204 No Content\r\n${lines}\r\n\r\n`,
  };
}

function encapsulated(value: string, rest = ''): IcapViolationCase {
  return {
    request: `${REQUEST_LINE}Encapsulated: ${value}\r\n\r\n${rest}`,
    response: `${STATUS_LINE}Encapsulated: ${value}\r\n\r\n${rest}`,
  };
}

function chunked(body: string): IcapViolationCase {
  return encapsulated('req-body=0', body);
}
