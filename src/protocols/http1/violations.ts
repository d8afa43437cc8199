/** Statuses to refuse a request with; a response that violates is answered with 502. */
export type ViolationStatus = 400 | 414 | 417 | 431 | 501 | 502 | 505;

/** What a peer did wrong. Codes are stable: metrics and logs carry them. The reasons are for people. */
export const VIOLATIONS = {
  HTTP1_BAD_REQUEST_LINE: row(400, 'The request line is not method, target and version.'),
  HTTP1_BAD_METHOD: row(400, 'The method is not a token of at most 32 characters.'),
  HTTP1_BAD_TARGET: row(400, 'The request target holds characters or a form that is not allowed.'),
  HTTP1_BAD_SCHEME: row(400, 'The request target is neither an http nor an https address.'),
  HTTP1_USERINFO: row(400, 'The request target or the Host field carries a user name.'),
  HTTP1_BAD_AUTHORITY: row(400, 'The host or the port in the request target is malformed.'),
  HTTP1_TARGET_TOO_LONG: row(414, 'The request line is longer than the limit.'),
  HTTP1_BAD_VERSION: row(505, 'Only HTTP/1.0 and HTTP/1.1 are spoken here.'),
  HTTP1_EMPTY_LINES: row(400, 'There is more than one empty line before the request.'),
  HTTP1_BAD_STATUS_LINE: row(502, 'The status line of the response is malformed.'),
  HTTP1_HEAD_TOO_LARGE: row(431, 'The head is larger than the limit.'),
  HTTP1_TOO_MANY_FIELDS: row(431, 'The head has more fields than the limit.'),
  HTTP1_BARE_CR: row(400, 'A line holds a CR that no LF follows.'),
  HTTP1_BARE_LF: row(400, 'A line ends with LF instead of CRLF.'),
  HTTP1_OBS_FOLD: row(400, 'A line starts with white space.'),
  HTTP1_BAD_FIELD_NAME: row(400, 'A field name is not a token.'),
  HTTP1_SPACE_BEFORE_COLON: row(400, 'White space stands between a field name and its colon.'),
  HTTP1_BAD_FIELD_VALUE: row(400, 'A field value holds a control character.'),
  HTTP1_DISGUISED_FIELD: row(400, 'A field name can be taken for a framing field.'),
  HTTP1_BAD_CONTENT_LENGTH: row(400, 'The Content-Length is not a plain number.'),
  HTTP1_DUPLICATE_CONTENT_LENGTH: row(400, 'There is more than one Content-Length.'),
  HTTP1_LENGTH_AND_CODING: row(400, 'There are both a Content-Length and a Transfer-Encoding.'),
  HTTP1_BAD_TRANSFER_ENCODING: row(400, 'The Transfer-Encoding is malformed or does not end with chunked.'),
  HTTP1_DUPLICATE_TRANSFER_ENCODING: row(400, 'There is more than one Transfer-Encoding.'),
  HTTP1_UNKNOWN_TRANSFER_CODING: row(501, 'The only transfer coding known here is chunked.'),
  HTTP1_CODING_IN_HTTP10: row(400, 'An HTTP/1.0 message has a Transfer-Encoding.'),
  HTTP1_MISSING_HOST: row(400, 'The request has no Host.'),
  HTTP1_DUPLICATE_HOST: row(400, 'There is more than one Host.'),
  HTTP1_BAD_HOST: row(400, 'The Host field is not a host with an optional port.'),
  HTTP1_BAD_CONNECTION: row(
    400,
    'The Connection field is no list of tokens, or lists a field of the message itself.',
  ),
  HTTP1_BAD_EXPECT: row(417, 'The only expectation known here is 100-continue.'),
  HTTP1_UNEXPECTED_BODY: row(400, 'A request with this method has no body.'),
  HTTP1_BAD_CHUNK: row(400, 'A chunk is malformed.'),
  HTTP1_CHUNK_LINE_TOO_LONG: row(400, 'A chunk-size line is longer than the limit.'),
  HTTP1_BAD_TRAILER: row(400, 'The trailer section is malformed or has a field that is not allowed there.'),
  HTTP1_TRAILER_TOO_LARGE: row(431, 'The trailer section is larger than the limit.'),
  HTTP1_UNEXPECTED_DATA: row(502, 'The server sent bytes that answer no request.'),
  HTTP1_CUT_HEAD: row(400, 'The connection ended inside a head.'),
  HTTP1_CUT_BODY: row(400, 'The connection ended inside a body.'),
} as const satisfies Record<string, ViolationRow>;

export type Http1Violation = keyof typeof VIOLATIONS;

export interface ViolationRow {
  readonly status: ViolationStatus;
  /** One sentence for people; holds nothing that the peer sent. */
  readonly reason: string;
}

function row(status: ViolationStatus, reason: string): ViolationRow {
  return { status, reason };
}
