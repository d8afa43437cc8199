import { type ListParser, type ListProblem, problemText } from './entry.ts';

/** Understands one line, which comes without white space at its ends. */
export type LineReader = (line: string, lineNumber: number, isIndented: boolean) => void;

const LINE_FEED = 0x0a;
/** How much of a line that is too long is shown. */
const LONG_LINE_TEXT = 40;

/**
 * Cuts bytes into lines: LF or CRLF, UTF-8 with or without BOM. A line above the bound is a problem and is
 * skipped; at most one line and one chunk are held.
 */
export class LineParser implements ListParser {
  readonly #read: LineReader;
  readonly #problem: (problem: ListProblem) => void;
  readonly #lineBytesMax: number;
  readonly #readEnd: () => void;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #line = 0;
  #isSkipping = false;

  constructor(
    read: LineReader,
    problem: (problem: ListProblem) => void,
    lineBytesMax: number,
    readEnd: () => void = () => undefined,
  ) {
    this.#read = read;
    this.#readEnd = readEnd;
    this.#problem = problem;
    this.#lineBytesMax = lineBytesMax;
  }

  receive(bytes: Uint8Array): void {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const last = chunk.lastIndexOf(LINE_FEED);
    if (last < 0) {
      this.#keep(chunk);
      return;
    }
    const whole = chunk.subarray(0, last);
    const text = this.#restBytes === 0 ? whole : Buffer.concat([...this.#rest, whole]);
    this.#rest = [];
    this.#restBytes = 0;
    this.#lines(text.toString('utf8'));
    // The caller may reuse its bytes, so the beginning of the next line is copied.
    if (last + 1 < chunk.length) this.#keep(chunk.subarray(last + 1));
  }

  receiveEnd(): void {
    if (this.#restBytes > 0 || this.#isSkipping) this.#lines(Buffer.concat(this.#rest).toString('utf8'));
    this.#rest = [];
    this.#restBytes = 0;
    this.#readEnd();
  }

  #lines(text: string): void {
    for (let start = 0; start <= text.length;) {
      const feed = text.indexOf('\n', start);
      const end = feed < 0 ? text.length : feed;
      this.#line++;
      if (this.#isSkipping) this.#isSkipping = false;
      else this.#oneLine(text, start, end);
      start = end + 1;
    }
  }

  #oneLine(text: string, start: number, end: number): void {
    let from = start;
    let to = end;
    // A character takes at most three bytes for its length here.
    if (3 * (to - from) > this.#lineBytesMax) {
      const line = text.slice(from, to);
      if (Buffer.byteLength(line) > this.#lineBytesMax) {
        this.#tooLong(line, this.#line);
        return;
      }
    }
    if (this.#line === 1 && text.charCodeAt(from) === 0xfeff) from++;
    while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
    const isIndented = from < to && isSpace(text.charCodeAt(from));
    while (from < to && isSpace(text.charCodeAt(from))) from++;
    if (from < to) this.#read(text.slice(from, to), this.#line, isIndented);
  }

  #keep(bytes: Buffer): void {
    if (this.#isSkipping) return;
    if (this.#restBytes + bytes.length > this.#lineBytesMax) {
      const start = Buffer.concat([...this.#rest, bytes]).toString('utf8', 0, 4 * LONG_LINE_TEXT);
      this.#tooLong(start, this.#line + 1);
      this.#rest = [];
      this.#restBytes = 0;
      this.#isSkipping = true;
      return;
    }
    this.#rest.push(Buffer.from(bytes));
    this.#restBytes += bytes.length;
  }

  #tooLong(start: string, line: number): void {
    this.#problem({
      line,
      reason: `longer than ${this.#lineBytesMax} bytes`,
      text: problemText(start.slice(0, LONG_LINE_TEXT)),
    });
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}
