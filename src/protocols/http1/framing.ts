import {
  CHAR_CLASS,
  DIGIT_CHAR,
  FIELD,
  type FieldFault,
  type FieldScanner,
  isToken,
  parseTokenList,
} from '../fields/index.ts';
import type { FieldTable } from '../fields/index.ts';
import type { Http1Violation } from './violations.ts';

const LENGTH = 1 << FIELD.CONTENT_LENGTH;
const CODING = 1 << FIELD.TRANSFER_ENCODING;

export const FIELD_FAULTS: Readonly<Record<FieldFault, Http1Violation>> = {
  'bad-name': 'HTTP1_BAD_FIELD_NAME',
  'space-before-colon': 'HTTP1_SPACE_BEFORE_COLON',
  'bad-value': 'HTTP1_BAD_FIELD_VALUE',
  folded: 'HTTP1_OBS_FOLD',
  'bare-cr': 'HTTP1_BARE_CR',
  'bare-lf': 'HTTP1_BARE_LF',
  disguised: 'HTTP1_DISGUISED_FIELD',
  'too-many': 'HTTP1_TOO_MANY_FIELDS',
};

/** What the framing fields say; one object per decoder, reused. */
export class FramingFields {
  /** -1: there is none. */
  length = -1;
  chunked = false;
  readonly #membersMax: number;

  /** `membersMax` bounds the list in Transfer-Encoding. */
  constructor(membersMax: number) {
    this.#membersMax = membersMax;
  }

  /** RFC 9112 §6: one Content-Length or one `Transfer-Encoding: chunked` or neither; everything else is refused. */
  read(fields: FieldTable, seen: FieldScanner, minor: 0 | 1): Http1Violation | undefined {
    this.length = -1;
    this.chunked = false;
    if ((seen.seen & (LENGTH | CODING)) === 0) return undefined;
    // RFC 9110 §8.6 lets a recipient merge equal duplicates; we do not, as the next one may take another of them.
    if ((seen.twice & LENGTH) !== 0) return 'HTTP1_DUPLICATE_CONTENT_LENGTH';
    if ((seen.twice & CODING) !== 0) return 'HTTP1_DUPLICATE_TRANSFER_ENCODING';
    if ((seen.seen & CODING) === 0) {
      this.length = parseLength(fields.value(fields.indexOfKnown(FIELD.CONTENT_LENGTH)));
      return this.length < 0 ? 'HTTP1_BAD_CONTENT_LENGTH' : undefined;
    }
    // RFC 9112 §6.1: Transfer-Encoding overrides Content-Length, and both together are to be handled as an attack.
    if ((seen.seen & LENGTH) !== 0) return 'HTTP1_LENGTH_AND_CODING';
    // RFC 9112 §6.1: in HTTP/1.0 the framing is faulty.
    if (minor === 0) return 'HTTP1_CODING_IN_HTTP10';
    const value = fields.value(fields.indexOfKnown(FIELD.TRANSFER_ENCODING));
    this.chunked = value === 'chunked' || value.toLowerCase() === 'chunked';
    return this.chunked ? undefined : codingFault(value, this.#membersMax);
  }
}

/** RFC 9110 §8.6: 1*DIGIT, here at most 2^53-1; -1 for everything else. */
export function parseLength(text: string): number {
  if (text.length === 0 || text.length > 16) return -1;
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f || (CHAR_CLASS[code]! & DIGIT_CHAR) === 0) return -1;
    length = length * 10 + (code - 0x30);
  }
  return length > Number.MAX_SAFE_INTEGER ? -1 : length;
}

/**
 * RFC 9112 §6.1: 501 for a coding that we do not know, where the list is well-formed and `chunked` stands nowhere
 * but at the end. Everything else could be meant to be `chunked` and is refused as malformed (§6.3).
 */
function codingFault(value: string, membersMax: number): Http1Violation {
  const members = parseTokenList(value, membersMax);
  if (members === undefined || members.length === 0) return 'HTTP1_BAD_TRANSFER_ENCODING';
  const before = members.at(-1) === 'chunked' ? members.slice(0, -1) : members;
  const clean = before.length > 0 && before.every((coding) => isToken(coding) && !coding.includes('chunk'));
  return clean ? 'HTTP1_UNKNOWN_TRANSFER_CODING' : 'HTTP1_BAD_TRANSFER_ENCODING';
}
