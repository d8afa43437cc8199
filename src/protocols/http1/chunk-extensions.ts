import { CHAR_CLASS, QUOTED_CHAR, TOKEN_CHAR } from '../fields/index.ts';

/**
 * Reads what stands between a chunk size and the end of its line. `from` is behind the size, the line is whole, `size`
 * is that of the chunk. The offset of the CR, or -1 when the line is malformed.
 */
export type ReadExtensions = (bytes: Buffer, from: number, to: number, size: number) => number;

/** What one extension says. False: it is not allowed here. */
export type VisitExtension = (name: string, value: string | undefined) => boolean;

const CR = 0x0d;
const LF = 0x0a;

/**
 * RFC 9112 §7.1.1: `*( ";" name [ "=" token / quoted-string ] )` and CRLF. White space around `;` and `=` ("bad
 * whitespace") is refused: peers differ about it, and nobody sends it.
 */
export const strictExtensions: ReadExtensions = (bytes, from, to) => {
  let at = from;
  while (at < to && bytes[at] === 0x3b) {
    const name = tokenEnd(bytes, at + 1, to);
    if (name === at + 1) return -1;
    at = name;
    if (bytes[at] !== 0x3d) continue;
    const value = valueEnd(bytes, at + 1, to);
    if (value < 0) return -1;
    at = value;
  }
  return lineEnd(bytes, at, to);
};

/**
 * The same grammar as RFC 2616 §3.6.1 has it, where white space may stand around `;` and `=`: ICAP writes `0; ieof`
 * (RFC 3507 §4.5). Every extension is shown to `visit`, its value as it was written.
 */
export function visitExtensions(bytes: Buffer, from: number, to: number, visit: VisitExtension): number {
  let at = from;
  for (;;) {
    const separator = blanksEnd(bytes, at, to);
    // Blanks count only before an extension: behind a bare size they are no part of any grammar.
    if (separator >= to || bytes[separator] !== 0x3b) return lineEnd(bytes, at, to);
    const name = blanksEnd(bytes, separator + 1, to);
    const nameEnd = tokenEnd(bytes, name, to);
    if (nameEnd === name) return -1;
    at = nameEnd;
    const equals = blanksEnd(bytes, nameEnd, to);
    let value: string | undefined;
    if (equals < to && bytes[equals] === 0x3d) {
      const start = blanksEnd(bytes, equals + 1, to);
      at = valueEnd(bytes, start, to);
      if (at < 0) return -1;
      value = bytes.toString('latin1', start, at);
    }
    if (!visit(bytes.toString('latin1', name, nameEnd).toLowerCase(), value)) return -1;
  }
}

function lineEnd(bytes: Uint8Array, at: number, to: number): number {
  return at + 1 < to && bytes[at] === CR && bytes[at + 1] === LF ? at : -1;
}

function blanksEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (bytes[at] === 0x20 || bytes[at] === 0x09)) at++;
  return at;
}

/** Behind a token or a quoted string; -1 when there is neither. */
function valueEnd(bytes: Uint8Array, from: number, to: number): number {
  const end = bytes[from] === 0x22 ? quotedEnd(bytes, from + 1, to) : tokenEnd(bytes, from, to);
  return end > from ? end : -1;
}

function tokenEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (CHAR_CLASS[bytes[at]!]! & TOKEN_CHAR) !== 0) at++;
  return at;
}

/** RFC 9110 §5.6.4: behind the closing quote; -1 when there is none. */
function quotedEnd(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === 0x22) return at + 1;
    if (byte === 0x5c) {
      at++;
      // quoted-pair: HTAB, SP, VCHAR, obs-text.
      if (
        at >= to ||
        ((CHAR_CLASS[bytes[at]!]! & QUOTED_CHAR) === 0 && bytes[at] !== 0x22 && bytes[at] !== 0x5c)
      ) {
        return -1;
      }
    } else if ((CHAR_CLASS[byte]! & QUOTED_CHAR) === 0) return -1;
  }
  return -1;
}
