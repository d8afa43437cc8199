import { type ListParser, type ListSink, problemText } from './entry.ts';

/** What takes the records of a CSV list. */
export interface RecordSink {
  record(fields: readonly string[], line: number): void;
  /** A line that starts with `#`, without it. */
  comment(text: string, line: number): void;
}

/** A record that never ends (a lost quote) is given up at this many times the longest line. */
const OPEN_LINES_MAX = 4;
const DELIMITERS = [',', ';', '\t', '|'];

/**
 * Cuts bytes into records and fields as RFC 4180 has them, and as lists write them: any line end, white space
 * before a quote, quotes inside fields, comments. Fields are not trimmed.
 *
 * A quote that is never closed costs one line: reading goes on behind it, and up to where the search for its
 * end had got no quote reaches over a line end, so that every byte is looked at twice at most.
 */
export class CsvSplitter implements ListParser {
  readonly #to: RecordSink;
  readonly #sink: Pick<ListSink, 'problem'>;
  readonly #lineBytesMax: number;
  // Takes a byte-order mark away.
  readonly #decoder = new TextDecoder('utf-8');
  #delimiter: string | undefined;
  #text = '';
  /** Characters before `#text`. */
  #base = 0;
  #line = 1;
  #isSkipping = false;
  /** Records that start before this place end with their line. */
  #flatUntil = 0;

  constructor(
    to: RecordSink,
    sink: Pick<ListSink, 'problem'>,
    lineBytesMax: number,
    delimiter: string | undefined,
  ) {
    this.#to = to;
    this.#sink = sink;
    this.#lineBytesMax = lineBytesMax;
    this.#delimiter = delimiter;
  }

  receive(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    this.#run(false);
  }

  receiveEnd(): void {
    this.#text += this.#decoder.decode();
    this.#run(true);
  }

  #run(isEnd: boolean): void {
    const text = this.#text;
    let at = 0;
    let quote = -1;
    while (at < text.length) {
      const feed = text.indexOf('\n', at);
      if (this.#isSkipping) {
        if (feed < 0) at = text.length;
        else {
          this.#isSkipping = false;
          this.#line++;
          at = feed + 1;
        }
        continue;
      }
      if (feed < 0 && !isEnd && text.length - at <= this.#lineBytesMax) break;
      const end = feed < 0 ? text.length : feed;
      if (quote >= 0 && quote < at) quote = -1;
      if (quote < 0) quote = text.indexOf('"', at);
      if (quote < 0) quote = Infinity;
      const next = this.#recordAt(text, at, end, quote < end, isEnd);
      if (next < 0) break;
      at = next;
    }
    this.#base += at;
    this.#text = text.slice(at);
  }

  /** Reads one record whose first line ends at `end`; where the next one starts, -1 when more is needed. */
  #recordAt(text: string, at: number, end: number, hasQuote: boolean, isEnd: boolean): number {
    if (end - at > this.#lineBytesMax) {
      this.#problem(`longer than ${this.#lineBytesMax} bytes`, text.slice(at, at + SHOWN));
      if (end === text.length) this.#isSkipping = true;
      else this.#line++;
      return end === text.length ? end : end + 1;
    }
    const start = firstText(text, at, end);
    if (start === end || text[start] === '#') {
      if (start < end) this.#to.comment(text.slice(start + 1, end).trim(), this.#line);
      this.#line++;
      return Math.min(end + 1, text.length);
    }
    this.#delimiter ??= delimiterOf(text.slice(at, end));
    if (!hasQuote) {
      this.#to.record(text.slice(at, end).split(this.#delimiter), this.#line);
      this.#line++;
      return Math.min(end + 1, text.length);
    }
    return this.#quotedAt(text, at, end, isEnd);
  }

  #quotedAt(text: string, at: number, end: number, isEnd: boolean): number {
    const limit = at + OPEN_LINES_MAX * this.#lineBytesMax;
    const isFlat = this.#base + at < this.#flatUntil;
    const bound = isFlat ? end : Math.min(limit, text.length);
    const isOver = !isFlat && limit < text.length;
    // At a real end a field ends; at one that is only ours it may go on.
    const isRealEnd = isFlat || (isEnd && !isOver);
    const found = quotedRecord(text, at, bound, this.#delimiter!, isRealEnd);
    if (found !== undefined) {
      this.#to.record(found.fields, this.#line);
      this.#line += found.lines;
      return Math.min(found.end + 1, text.length);
    }
    if (!isRealEnd && !isOver) return -1;
    this.#problem(
      isOver
        ? `a record longer than ${OPEN_LINES_MAX * this.#lineBytesMax} bytes: its quote is not closed`
        : 'not CSV: a quote is not closed',
      text.slice(at, Math.min(end, at + SHOWN)),
    );
    if (!isFlat) this.#flatUntil = isOver ? this.#base + limit : Infinity;
    this.#line++;
    return Math.min(end + 1, text.length);
  }

  #problem(reason: string, text: string): void {
    this.#sink.problem({ line: this.#line, reason, text: problemText(text) });
  }
}

/** How much of a line that cannot be read is shown. */
const SHOWN = 200;

/** The delimiter that a line has most of; a comma when it has none. */
export function delimiterOf(line: string): string {
  const counts = DELIMITERS.map((delimiter) => [line.split(delimiter).length, delimiter] as const);
  return counts.toSorted((x, y) => y[0] - x[0])[0]![1];
}

/** The fields of one line, for a header that stands in a comment. */
export function fieldsOf(line: string, delimiter: string): readonly string[] {
  return (quotedRecord(line, 0, line.length, delimiter, true)?.fields ?? line.split(delimiter)).map((field) =>
    field.trim(),
  );
}

interface Found {
  readonly fields: readonly string[];
  /** Place of its line feed, or the end of the text. */
  readonly end: number;
  readonly lines: number;
}

/** One record with quotes, `undefined` when it does not end before `bound`. */
function quotedRecord(
  text: string,
  from: number,
  bound: number,
  delimiter: string,
  isRealEnd: boolean,
): Found | undefined {
  const fields: string[] = [];
  let lines = 1;
  let at = from;
  for (;;) {
    const start = skipBlanks(text, at, bound, delimiter);
    let end: number;
    if (text[start] === '"' && start < bound) {
      const close = closingQuote(text, start + 1, bound, delimiter, isRealEnd);
      if (close === undefined) return undefined;
      const raw = text.slice(start + 1, close);
      fields.push(raw.includes('""') ? raw.replaceAll('""', '"') : raw);
      for (let feed = raw.indexOf('\n'); feed >= 0; feed = raw.indexOf('\n', feed + 1)) lines++;
      end = skipBlanks(text, close + 1, bound, delimiter);
    } else {
      end = at;
      while (end < bound && text[end] !== delimiter && text[end] !== '\n') end++;
      fields.push(text.slice(at, end));
    }
    if (end >= bound && !isRealEnd) return undefined;
    if (end >= bound || text[end] === '\n') return { fields, end, lines };
    at = end + 1;
  }
}

/** The quote behind which the field ends; one with something else behind it is part of the field. */
function closingQuote(
  text: string,
  from: number,
  bound: number,
  delimiter: string,
  isRealEnd: boolean,
): number | undefined {
  for (let at = from; ;) {
    const quote = text.indexOf('"', at);
    if (quote < 0 || quote >= bound) return undefined;
    if (text[quote + 1] === '"' && quote + 1 < bound) {
      at = quote + 2;
      continue;
    }
    const behind = skipBlanks(text, quote + 1, bound, delimiter);
    if (behind >= bound) return isRealEnd ? quote : undefined;
    if (text[behind] === delimiter || text[behind] === '\n') return quote;
    at = quote + 1;
  }
}

function skipBlanks(text: string, from: number, bound: number, delimiter: string): number {
  let at = from;
  while (at < bound && isBlank(text.charCodeAt(at)) && text[at] !== delimiter) at++;
  return at;
}

function firstText(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isBlank(text.charCodeAt(at))) at++;
  return at;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}
