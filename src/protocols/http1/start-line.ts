import { CHAR_CLASS, DIGIT_CHAR, equals, TARGET_CHAR, TOKEN_CHAR, VALUE_CHAR } from '../fields/index.ts';
import type { Http1Violation } from './violations.ts';

/** Longer than any registered method (`UPDATEREDIRECTREF`, 17, RFC 4437). */
const METHOD_BYTES_MAX = 32;
/** Text of the usual methods, so that no string is made for them. */
const METHODS = ['GET', 'POST', 'CONNECT', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'] as const;

/** Name and major version as a start line has them. Of one length, so that the same offsets fit. */
export type Protocol = 'HTTP/1.' | 'ICAP/1.';

/**
 * Reads `method SP target SP HTTP/1.x CRLF` (RFC 9112 §3) strictly: one SP each, no other white space. Like
 * `FieldScanner` it judges whole lines only: a look behind `to` may see old bytes, but never an LF in the line.
 * Offsets count from `base`.
 */
export class RequestLineScanner {
  methodEnd = 0;
  targetStart = 0;
  targetEnd = 0;
  minor: 0 | 1 = 1;
  lineEnd = 0;
  readonly #protocol: Protocol;

  constructor(protocol: Protocol = 'HTTP/1.') {
    this.#protocol = protocol;
  }

  scan(bytes: Uint8Array, base: number, to: number): 'done' | 'more' | Http1Violation {
    const classes = CHAR_CLASS;
    let at = base;
    while (at < to && (classes[bytes[at]!]! & TOKEN_CHAR) !== 0) at++;
    const methodEnd = at;
    if (at >= to || bytes[at] !== 0x20 || at === base || at - base > METHOD_BYTES_MAX) {
      return lineFault(bytes, at, to, bytes[at] === 0x20 ? 'HTTP1_BAD_METHOD' : 'HTTP1_BAD_REQUEST_LINE');
    }
    at++;
    const targetStart = at;
    while (at < to && (classes[bytes[at]!]! & TARGET_CHAR) !== 0) at++;
    const targetEnd = at;
    if (at + 10 >= to || bytes[at] !== 0x20 || at === targetStart) {
      const atLineEnd = bytes[at] === 0x0d || bytes[at] === 0x20;
      return lineFault(bytes, at, to, atLineEnd ? 'HTTP1_BAD_REQUEST_LINE' : 'HTTP1_BAD_TARGET');
    }
    const minor = versionAt(bytes, at + 1, to, this.#protocol);
    if (minor < 0 || bytes[at + 9] !== 0x0d || bytes[at + 10] !== 0x0a) {
      return lineFault(bytes, at + 1, to, versionFault(bytes, at + 1, 0x0d, this.#protocol));
    }
    this.methodEnd = methodEnd - base;
    this.targetStart = targetStart - base;
    this.targetEnd = targetEnd - base;
    this.minor = minor === 0 ? 0 : 1;
    this.lineEnd = at + 11 - base;
    return 'done';
  }
}

/** Reads `HTTP/1.x SP status SP reason CRLF` (RFC 9112 §4). */
export class StatusLineScanner {
  status = 0;
  minor: 0 | 1 = 1;
  reasonStart = 0;
  reasonEnd = 0;
  lineEnd = 0;
  /** There is an SP behind the status. */
  canonical = true;
  readonly #protocol: Protocol;

  constructor(protocol: Protocol = 'HTTP/1.') {
    this.#protocol = protocol;
  }

  scan(bytes: Uint8Array, base: number, to: number): 'done' | 'more' | Http1Violation {
    const minor = versionAt(bytes, base, to, this.#protocol);
    if (minor < 0 || bytes[base + 8] !== 0x20) {
      const fault = versionFault(bytes, base, 0x20, this.#protocol);
      return lineFault(bytes, base, to, fault === 'HTTP1_BAD_REQUEST_LINE' ? 'HTTP1_BAD_STATUS_LINE' : fault);
    }
    const status = statusAt(bytes, base + 9);
    if (status === 0) return lineFault(bytes, base, to, 'HTTP1_BAD_STATUS_LINE');
    let at = base + 12;
    const canonical = bytes[at] === 0x20;
    if (canonical) at++;
    const reasonStart = at;
    // Some servers leave out the SP when there is no reason; nothing else may follow the status then.
    if (canonical) while (at < to && (CHAR_CLASS[bytes[at]!]! & VALUE_CHAR) !== 0) at++;
    if (at + 1 >= to || bytes[at] !== 0x0d || bytes[at + 1] !== 0x0a) {
      return lineFault(bytes, at, to, 'HTTP1_BAD_STATUS_LINE');
    }
    this.status = status;
    this.minor = minor === 0 ? 0 : 1;
    this.reasonStart = reasonStart - base;
    this.reasonEnd = at - base;
    this.lineEnd = at + 2 - base;
    this.canonical = canonical;
    return 'done';
  }
}

/** The text of a method, without making a string for the usual ones. */
export function methodText(bytes: Buffer, from: number, to: number): string {
  for (const method of METHODS) {
    if (method.length === to - from && method.charCodeAt(0) === bytes[from] && equals(bytes, from, method)) {
      return method;
    }
  }
  return bytes.toString('latin1', from, to);
}

/** A line that cannot be read: `more` until its LF is here; a CR or LF in the wrong place has its own name. */
function lineFault(
  bytes: Uint8Array,
  at: number,
  to: number,
  fault: Http1Violation,
): 'more' | Http1Violation {
  for (let lf = at; lf < to; lf++) {
    if (bytes[lf] !== 0x0a) continue;
    return lf > at && bytes[lf - 1] === 0x0d ? (bareCr(bytes, at, lf - 1) ?? fault) : 'HTTP1_BARE_LF';
  }
  return 'more';
}

function bareCr(bytes: Uint8Array, from: number, to: number): Http1Violation | undefined {
  for (let at = from; at < to; at++) if (bytes[at] === 0x0d) return 'HTTP1_BARE_CR';
  return undefined;
}

/** The minor version at `HTTP/1.0` or `HTTP/1.1`; -1 when something else stands there. */
function versionAt(bytes: Uint8Array, from: number, to: number, protocol: Protocol): number {
  if (from + 8 > to || !equals(bytes, from, protocol)) return -1;
  const digit = bytes[from + 7];
  return digit === 0x30 ? 0 : digit === 0x31 ? 1 : -1;
}

/** RFC 9110 §15.6.6: a version we do not speak is 505; what is no version at all is a bad line. */
function versionFault(bytes: Uint8Array, from: number, after: number, protocol: Protocol): Http1Violation {
  const isVersion =
    equals(bytes, from, protocol === 'HTTP/1.' ? 'HTTP/' : 'ICAP/') &&
    isDigit(bytes[from + 5]) &&
    bytes[from + 6] === 0x2e &&
    isDigit(bytes[from + 7]) &&
    bytes[from + 8] === after;
  return isVersion ? 'HTTP1_BAD_VERSION' : 'HTTP1_BAD_REQUEST_LINE';
}

/** RFC 9110 §15: three digits, 100–599; 0 when it is none. */
function statusAt(bytes: Uint8Array, from: number): number {
  if (!isDigit(bytes[from]) || !isDigit(bytes[from + 1]) || !isDigit(bytes[from + 2])) return 0;
  const status = (bytes[from]! - 0x30) * 100 + (bytes[from + 1]! - 0x30) * 10 + (bytes[from + 2]! - 0x30);
  return status >= 100 && status <= 599 ? status : 0;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && (CHAR_CLASS[byte]! & DIGIT_CHAR) !== 0;
}
