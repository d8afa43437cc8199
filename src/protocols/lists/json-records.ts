import type { ListParser } from './entry.ts';

/** Where the objects of a document go. */
export interface RecordReader {
  /** One object, parsed; `key` is the name that it, or the array around it, has in the document, cut. */
  record(record: Readonly<Record<string, unknown>>, key: string, position: number): void;
  /** Something that is no record where one is expected, or that cannot be read. */
  problem(reason: string, key: string, position: number): void;
  /** The document as a whole cannot be believed: it is cut, or no JSON. */
  broken(reason: string): void;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
/** Containers around records: the document, and an array in it. More is another document. */
const DEPTH_MAX = 8;
const KEY_MAX = 100;

/**
 * Reads the outermost objects inside a JSON document one by one, so that a dump of a gigabyte needs no more memory than its
 * longest object: `{"1": [{…}], "2": [{…}]}`, `{"urls": [{…}, {…}]}` and `[{…}, {…}]`. Linear: each byte is looked at once, and
 * each object parsed once. One that is longer than the bound is a problem, and is passed over.
 */
export class JsonRecords implements ListParser {
  readonly #reader: RecordReader;
  readonly #recordBytesMax: number;
  /** Open containers outside of records. */
  readonly #open: number[] = [];
  /** Depth inside of the record; 0: outside. */
  #inside = 0;
  #isText = false;
  #isEscaped = false;
  #isScalar = false;
  /** A text outside of records: perhaps the key of the next. */
  #text = '';
  #key = '';
  #pieces: Buffer[] = [];
  #bytes = 0;
  #position = 0;
  #isOver = false;
  #isBroken = false;
  #isStarted = false;

  constructor(reader: RecordReader, recordBytesMax: number) {
    this.#reader = reader;
    this.#recordBytesMax = recordBytesMax;
  }

  receive(bytes: Uint8Array): void {
    if (this.#isBroken) return;
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = this.#inside > 0 ? 0 : -1;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.#isText) {
        this.#inText(byte);
        continue;
      }
      if (this.#inside === 0 && byte === OPEN_BRACE && this.#open.length > 0) start = at;
      const wasInside = this.#inside > 0;
      if (!this.#outsideText(byte)) return;
      if (wasInside && this.#inside === 0) {
        this.#keep(chunk.subarray(start, at + 1));
        this.#whole();
        start = -1;
      }
    }
    // The caller may reuse its bytes.
    if (start >= 0) this.#keep(Buffer.from(chunk.subarray(start)));
  }

  receiveEnd(): void {
    if (!this.#isBroken && !this.#isOver) {
      this.#reader.broken(this.#isStarted ? 'the document ends before its end' : 'the document is not JSON');
    }
  }

  #inText(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) {
      this.#isText = false;
      if (this.#inside === 0 && this.#open.at(-1) === OPEN_BRACKET) this.#notARecord();
    } else if (this.#inside === 0 && this.#text.length < KEY_MAX) this.#text += String.fromCharCode(byte);
  }

  /** False: nothing more can be read. */
  #outsideText(byte: number): boolean {
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return true;
    if (this.#isOver) return this.#breaks('something follows behind the document');
    const isScalar = this.#isScalar;
    this.#isScalar = false;
    switch (byte) {
      case QUOTE:
        this.#isText = true;
        this.#text = '';
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (this.#inside > 0) this.#inside++;
        else if (byte === OPEN_BRACE && this.#open.length > 0) this.#inside = 1;
        else if (this.#open.length >= DEPTH_MAX) return this.#breaks('the document is nested too deep');
        else this.#open.push(byte);
        this.#isStarted = true;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        // What closes what inside of a record is for its parser.
        if (this.#inside > 0) this.#inside--;
        else if (this.#open.pop() !== byte - 2) return this.#breaks('the document is not JSON');
        else if (this.#open.length === 0) this.#isOver = true;
        break;
      case COLON:
        if (this.#inside === 0) this.#key = this.#text;
        break;
      case COMMA:
        break;
      default:
        // A byte-order mark may stand before everything.
        if (!this.#isStarted && (byte === 0xef || byte === 0xbb || byte === 0xbf)) break;
        if (this.#open.length === 0) return this.#breaks('the document is not JSON');
        this.#isScalar = true;
        if (!isScalar && this.#inside === 0 && this.#open.at(-1) === OPEN_BRACKET) this.#notARecord();
    }
    return true;
  }

  #breaks(reason: string): false {
    this.#isBroken = true;
    this.#reader.broken(reason);
    return false;
  }

  #notARecord(): void {
    this.#reader.problem('not an object', this.#key, ++this.#position);
  }

  #keep(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#bytes <= this.#recordBytesMax) this.#pieces.push(bytes);
    else this.#pieces = [];
  }

  #whole(): void {
    const position = ++this.#position;
    const isTooLong = this.#bytes > this.#recordBytesMax;
    const [first, ...more] = this.#pieces;
    const bytes = first === undefined || more.length === 0 ? first : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    if (isTooLong || bytes === undefined) {
      this.#reader.problem(`longer than ${this.#recordBytesMax} bytes`, this.#key, position);
      return;
    }
    let record: unknown;
    try {
      record = JSON.parse(bytes.toString('utf8'));
    } catch {
      // SyntaxError is the only thing that JSON.parse throws.
      this.#reader.problem('not JSON', this.#key, position);
      return;
    }
    // It begins with a brace.
    this.#reader.record(record as Readonly<Record<string, unknown>>, this.#key, position);
  }
}
