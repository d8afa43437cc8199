import { CHAR_CLASS, QUOTED_CHAR } from '../fields/index.ts';

/** RFC 3507 §4.7: "a 32-byte-maximum alphanumeric string". */
const ISTAG_BYTES_MAX = 32;

/** The value of an ISTag field: quoted, at most 32 characters that need no escape. */
export function quoteIstag(tag: string): string {
  if (tag.length === 0 || tag.length > ISTAG_BYTES_MAX || !isPlain(tag)) {
    throw new RangeError(`not a service tag: ${JSON.stringify(tag)}`);
  }
  return `"${tag}"`;
}

/** The tag without its quotes. Some servers leave the quotes out, so they are not asked for; tags are compared only. */
export function readIstag(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x21 || code > 0x7e || (CHAR_CLASS[code]! & QUOTED_CHAR) === 0) return false;
  }
  return true;
}
