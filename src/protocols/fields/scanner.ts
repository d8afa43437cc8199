import { CHAR_CLASS, hasLineFeed, TOKEN_CHAR, VALUE_CHAR } from './chars.ts';
import { FIELD, knownField } from './known.ts';

export type FieldFault =
  | 'bad-name'
  | 'space-before-colon'
  | 'bad-value'
  | 'folded'
  | 'bare-cr'
  | 'bare-lf'
  | 'disguised'
  | 'too-many';

const CR = 0x0d;
const LF = 0x0a;
/** Room for twelve fields, what a browser sends. */
const FIRST_NUMBERS = 60;

/**
 * Reads field lines up to the blank line (RFC 9112 §5), each byte once: the inner loops look up one class per byte.
 *
 * Only whole lines are judged: a line without its LF is `more`, whatever it holds, so that the answer does not
 * depend on how the bytes were cut. All offsets count from the start of the head, which may move between calls.
 */
export class FieldScanner {
  /** See `FieldTable.offsets`. Reused for the next head: whoever keeps it takes a copy. */
  readonly offsets: number[] = [];
  /** Numbers used in `offsets`. */
  used = 0;
  /** Bit `1 << FIELD.X` for each known field seen; `twice` for those seen more than once. */
  seen = 0;
  twice = 0;
  /** Start of the first line not read; behind the blank line when `done`. */
  position = 0;
  readonly #fieldsMax: number;
  readonly #unfolds: boolean;

  /** With `unfolds`, a value that goes on in the next line is taken, its line break made spaces in place (RFC 9112 §5.2). */
  constructor(fieldsMax: number, unfolds = false) {
    this.#fieldsMax = fieldsMax;
    this.#unfolds = unfolds;
  }

  begin(position: number): void {
    this.used = 0;
    this.seen = 0;
    this.twice = 0;
    this.position = position;
  }

  /** `base` is where the head starts, `to` where the known bytes end. */
  scan(bytes: Uint8Array, base: number, to: number): 'done' | 'more' | FieldFault {
    const classes = CHAR_CLASS;
    const numbersMax = this.#fieldsMax * 5;
    let line = base + this.position;
    for (;;) {
      if (line >= to) return this.#more(line - base);
      let at = line;
      while (at < to && (classes[bytes[at]!]! & TOKEN_CHAR) !== 0) at++;
      if (at >= to) return this.#more(line - base);
      if (bytes[at] !== 0x3a || at === line) {
        if (at === line && bytes[at] === CR && at + 1 < to && bytes[at + 1] === LF) {
          this.position = at + 2 - base;
          return 'done';
        }
        return this.#badName(bytes, base, line, at, to);
      }
      const nameEnd = at++;
      while (at < to && (bytes[at] === 0x20 || bytes[at] === 0x09)) at++;
      const valueStart = at;
      while (at < to && (classes[bytes[at]!]! & VALUE_CHAR) !== 0) at++;
      if (this.#unfolds) at = this.#unfolded(bytes, at, to);
      if (at + 1 >= to || bytes[at] !== CR || bytes[at + 1] !== LF) {
        return this.#badValue(bytes, base, line, at, to);
      }
      // Whether it goes on is said by the line after it.
      if (this.#unfolds && at + 2 >= to) return this.#more(line - base);
      let valueEnd = at;
      while (valueEnd > valueStart && (bytes[valueEnd - 1] === 0x20 || bytes[valueEnd - 1] === 0x09))
        valueEnd--;
      if (this.used >= numbersMax) return 'too-many';
      const known = knownField(bytes, line, nameEnd);
      if (known !== FIELD.OTHER) {
        if (known === FIELD.DISGUISED) return 'disguised';
        this.twice |= this.seen & (1 << known);
        this.seen |= 1 << known;
      }
      this.#keep(line - base, nameEnd - base, valueStart - base, valueEnd - base, known);
      line = at + 2;
    }
  }

  /** Where a value ends that may go on in the next lines; its line breaks become spaces. */
  #unfolded(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at + 2 < to && bytes[at] === CR && bytes[at + 1] === LF) {
      if (bytes[at + 2] !== 0x20 && bytes[at + 2] !== 0x09) break;
      bytes.fill(0x20, at, at + 2);
      while (at < to && (CHAR_CLASS[bytes[at]!]! & VALUE_CHAR) !== 0) at++;
    }
    return at;
  }

  #keep(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number, known: number): void {
    const { offsets, used } = this;
    // Doubled in one go: stores that grow an array one by one cost more than the scan.
    if (used === offsets.length)
      for (let more = Math.max(used, FIRST_NUMBERS); more > 0; more--) offsets.push(0);
    offsets[used] = nameStart;
    offsets[used + 1] = nameEnd;
    offsets[used + 2] = valueStart;
    offsets[used + 3] = valueEnd;
    offsets[used + 4] = known;
    this.used = used + 5;
  }

  #more(position: number): 'more' {
    this.position = position;
    return 'more';
  }

  #badName(bytes: Uint8Array, base: number, line: number, at: number, to: number): 'more' | FieldFault {
    if (!hasLineFeed(bytes, at, to)) return this.#more(line - base);
    const byte = bytes[at];
    if (byte === LF) return 'bare-lf';
    if (byte === CR) return bytes[at + 1] === LF ? 'bad-name' : 'bare-cr';
    if (byte !== 0x20 && byte !== 0x09) return 'bad-name';
    // RFC 9112 §2.2 and §5.2: white space first continues the line before, which we do not take.
    return at === line ? 'folded' : 'space-before-colon';
  }

  #badValue(bytes: Uint8Array, base: number, line: number, at: number, to: number): 'more' | FieldFault {
    if (!hasLineFeed(bytes, at, to)) return this.#more(line - base);
    if (bytes[at] === LF) return 'bare-lf';
    return bytes[at] === CR ? 'bare-cr' : 'bad-value';
  }
}
