import type { Http1Violation } from '../http1/index.ts';

/** Statuses to refuse a request with; a response that violates is a failure of its server, 502. */
export type IcapViolationStatus = 400 | 413 | 501 | 502 | 505;

/** What a peer did wrong. Codes are stable: metrics and logs carry them. The reasons are for people. */
export const VIOLATIONS = {
  ICAP_BAD_REQUEST_LINE: row(400, 'The request line is not method, address and version.'),
  ICAP_BAD_METHOD: row(400, 'The method is not a token of at most 32 characters.'),
  ICAP_UNKNOWN_METHOD: row(501, 'The method is none of OPTIONS, REQMOD and RESPMOD.'),
  ICAP_BAD_TARGET: row(400, 'The address of the service is neither an icap address nor a path.'),
  ICAP_USERINFO: row(400, 'The address of the service carries a user name.'),
  ICAP_BAD_AUTHORITY: row(400, 'The host or the port in the address of the service is malformed.'),
  ICAP_TARGET_TOO_LONG: row(413, 'The request line is longer than the limit.'),
  ICAP_BAD_VERSION: row(505, 'Only ICAP/1.0 is spoken here.'),
  ICAP_EMPTY_LINES: row(400, 'There is more than one empty line before the request.'),
  ICAP_BAD_STATUS_LINE: row(502, 'The status line of the response is malformed.'),
  ICAP_HEAD_TOO_LARGE: row(413, 'The ICAP head is larger than the limit.'),
  ICAP_TOO_MANY_FIELDS: row(413, 'The ICAP head has more fields than the limit.'),
  ICAP_BARE_CR: row(400, 'A line holds a CR that no LF follows.'),
  ICAP_BARE_LF: row(400, 'A line ends with LF instead of CRLF.'),
  ICAP_OBS_FOLD: row(400, 'A line starts with white space.'),
  ICAP_BAD_FIELD_NAME: row(400, 'A field name is not a token.'),
  ICAP_SPACE_BEFORE_COLON: row(400, 'White space stands between a field name and its colon.'),
  ICAP_BAD_FIELD_VALUE: row(400, 'A field value holds a control character.'),
  ICAP_DISGUISED_FIELD: row(400, 'A field name can be taken for a framing field of HTTP.'),
  ICAP_FOREIGN_FRAMING: row(400, 'The ICAP head has a Content-Length or a Transfer-Encoding.'),
  ICAP_MISSING_HOST: row(400, 'Neither the address of the service nor a Host field names a host.'),
  ICAP_DUPLICATE_HOST: row(400, 'There is more than one Host.'),
  ICAP_BAD_HOST: row(400, 'The Host field is not a host with an optional port.'),
  ICAP_BAD_CONNECTION: row(
    400,
    'The Connection field is no list of tokens, or lists a field of the message itself.',
  ),
  ICAP_BAD_PREVIEW: row(400, 'The Preview field is not one plain number.'),
  ICAP_MISSING_ENCAPSULATED: row(400, 'There is no Encapsulated field.'),
  ICAP_DUPLICATE_ENCAPSULATED: row(400, 'There is more than one Encapsulated field.'),
  ICAP_BAD_ENCAPSULATED: row(400, 'The Encapsulated field is not a list of sections and offsets.'),
  ICAP_WRONG_SECTION: row(400, 'The sections, or their order, are not those of such a message.'),
  ICAP_BAD_OFFSET: row(400, 'The offsets of the sections do not start at 0 and rise.'),
  ICAP_ENCAPSULATED_TOO_LARGE: row(413, 'The encapsulated heads are larger than the limit.'),
  ICAP_BAD_SECTION: row(400, 'An encapsulated head does not end where the next section starts.'),
  ICAP_PREVIEW_TOO_LONG: row(400, 'The preview is longer than was announced.'),
  ICAP_BAD_CHUNK: row(400, 'A chunk is malformed.'),
  ICAP_CHUNK_LINE_TOO_LONG: row(413, 'A chunk-size line is longer than the limit.'),
  ICAP_BAD_TRAILER: row(400, 'The trailer section is malformed or has a field that is not allowed there.'),
  ICAP_TRAILER_TOO_LARGE: row(413, 'The trailer section is larger than the limit.'),
  ICAP_UNEXPECTED_DATA: row(502, 'The server sent bytes that answer no request.'),
  ICAP_UNEXPECTED_CONTINUE: row(502, 'The server asks for more where no preview waits.'),
  ICAP_UNEXPECTED_BODY: row(502, 'The server sent content with a status that has none.'),
  ICAP_CUT_HEAD: row(400, 'The connection ended inside a head.'),
  ICAP_CUT_BODY: row(400, 'The connection ended inside a body.'),
} as const satisfies Record<string, IcapViolationRow>;

export type IcapViolation = keyof typeof VIOLATIONS;

export interface IcapViolationRow {
  readonly status: IcapViolationStatus;
  /** One sentence for people; holds nothing that the peer sent. */
  readonly reason: string;
}

function row(status: IcapViolationStatus, reason: string): IcapViolationRow {
  return { status, reason };
}

/** What the readers of HTTP that we share call the same faults. */
const SHARED: Partial<Record<Http1Violation, IcapViolation>> = {
  HTTP1_BAD_REQUEST_LINE: 'ICAP_BAD_REQUEST_LINE',
  HTTP1_BAD_METHOD: 'ICAP_BAD_METHOD',
  HTTP1_BAD_TARGET: 'ICAP_BAD_TARGET',
  HTTP1_BAD_VERSION: 'ICAP_BAD_VERSION',
  HTTP1_BAD_STATUS_LINE: 'ICAP_BAD_STATUS_LINE',
  HTTP1_TOO_MANY_FIELDS: 'ICAP_TOO_MANY_FIELDS',
  HTTP1_BARE_CR: 'ICAP_BARE_CR',
  HTTP1_BARE_LF: 'ICAP_BARE_LF',
  HTTP1_OBS_FOLD: 'ICAP_OBS_FOLD',
  HTTP1_BAD_FIELD_NAME: 'ICAP_BAD_FIELD_NAME',
  HTTP1_SPACE_BEFORE_COLON: 'ICAP_SPACE_BEFORE_COLON',
  HTTP1_BAD_FIELD_VALUE: 'ICAP_BAD_FIELD_VALUE',
  HTTP1_DISGUISED_FIELD: 'ICAP_DISGUISED_FIELD',
  HTTP1_BAD_CONNECTION: 'ICAP_BAD_CONNECTION',
  HTTP1_BAD_CHUNK: 'ICAP_BAD_CHUNK',
  HTTP1_CHUNK_LINE_TOO_LONG: 'ICAP_CHUNK_LINE_TOO_LONG',
  HTTP1_BAD_TRAILER: 'ICAP_BAD_TRAILER',
  HTTP1_TRAILER_TOO_LARGE: 'ICAP_TRAILER_TOO_LARGE',
  HTTP1_CUT_BODY: 'ICAP_CUT_BODY',
};

/** The name that a fault found by a reader of `http1` has here. */
export function sharedViolation(code: Http1Violation): IcapViolation {
  const violation = SHARED[code];
  if (violation === undefined) throw new Error(`no reader of ICAP finds ${code}`);
  return violation;
}
