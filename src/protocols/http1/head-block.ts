import { FieldScanner } from '../fields/index.ts';
import { ConnectionFields } from './connection.ts';
import { FIELD_FAULTS, FramingFields } from './framing.ts';
import {
  CHUNKED,
  NO_BODY,
  type RequestHead,
  RequestRecord,
  type ResponseHead,
  ResponseRecord,
} from './head.ts';
import { HeadCursor } from './head-cursor.ts';
import { RequestMeaning } from './request-meaning.ts';
import { methodText, RequestLineScanner, StatusLineScanner } from './start-line.ts';
import type { Http1Violation } from './violations.ts';

/**
 * A head that travels inside a message of another protocol (ICAP): its length is said before it comes, and its framing
 * fields frame nothing there. So what breaks a rule of HTTP is told and not refused: whoever asks about the message
 * decides. Valid as long as the bytes it was read from.
 */
export interface HeadBlock<H extends RequestHead | ResponseHead> {
  /** As it came, with its blank line. */
  readonly bytes: Uint8Array;
  /**
   * `undefined` when its lines cannot be read. With a `fault` it is filled in up to the rule that is broken: the start
   * line and the fields always, target and Host unless the fault is about them. `framing` is what the fields say.
   */
  readonly head: H | undefined;
  /** The first rule of HTTP/1 that it breaks. */
  readonly fault: Http1Violation | undefined;
}

export type RequestBlock = HeadBlock<RequestHead>;
export type ResponseBlock = HeadBlock<ResponseHead>;

interface LineScanner {
  readonly lineEnd: number;
  scan(bytes: Uint8Array, base: number, to: number): 'done' | 'more' | Http1Violation;
}

/** Finds the end of a head of known length. `misfit`: its blank line is not where the length says. */
class BlockReader<L extends LineScanner> {
  protected readonly line: L;
  protected readonly fields: FieldScanner;
  protected fault: Http1Violation | undefined;
  protected length = 0;
  readonly #cursor = new HeadCursor();
  /** Of a head whose lines cannot be read: bytes searched for a blank line, and whether the last line is empty so far. */
  #searched = 0;
  #lineIsEmpty = true;

  protected constructor(line: L, fieldsMax: number) {
    this.line = line;
    this.fields = new FieldScanner(fieldsMax);
  }

  begin(length: number): void {
    this.length = length;
    this.fault = undefined;
    this.#searched = 0;
    this.#lineIsEmpty = true;
    this.#cursor.begin();
  }

  /** `base` is where the block starts, `end` where the known bytes end. Looks at every byte a fixed number of times. */
  scan(bytes: Uint8Array, base: number, end: number): 'done' | 'more' | 'misfit' {
    const to = Math.min(end, base + this.length);
    if (this.fault === undefined && this.#cursor.lineIsHere(bytes, base, to)) {
      const result = this.#lines(bytes, base, to);
      if (result === 'done') return this.fields.position === this.length ? 'done' : 'misfit';
      if (result !== 'more') this.fault = result;
    }
    if (this.fault !== undefined) return this.#search(bytes, base, to);
    this.#cursor.searched = to - base;
    return to - base === this.length ? 'misfit' : 'more';
  }

  #lines(bytes: Uint8Array, base: number, to: number): 'done' | 'more' | Http1Violation {
    if (this.#cursor.inStartLine) {
      const result = this.line.scan(bytes, base, to);
      if (result !== 'done') return result;
      this.#cursor.inStartLine = false;
      this.fields.begin(this.line.lineEnd);
    }
    const result = this.fields.scan(bytes, base, to);
    return result === 'done' || result === 'more' ? result : FIELD_FAULTS[result];
  }

  /** A blank line in anybody's reading (CR or not) has to stand at the end and nowhere else. */
  #search(bytes: Uint8Array, base: number, to: number): 'done' | 'more' | 'misfit' {
    for (let at = base + this.#searched; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === 0x0d) continue;
      if (byte !== 0x0a) {
        this.#lineIsEmpty = false;
        continue;
      }
      if (this.#lineIsEmpty) return at + 1 - base === this.length ? 'done' : 'misfit';
      this.#lineIsEmpty = true;
    }
    this.#searched = to - base;
    return this.#searched === this.length ? 'misfit' : 'more';
  }
}

export class RequestBlockReader extends BlockReader<RequestLineScanner> {
  readonly #meaning: RequestMeaning;

  constructor(fieldsMax: number) {
    super(new RequestLineScanner(), fieldsMax);
    this.#meaning = new RequestMeaning(fieldsMax);
  }

  /** The block at `base`, once `scan` said `done`. */
  take(bytes: Buffer, base: number): RequestBlock {
    const { line, fields, length } = this;
    const block = bytes.subarray(base, base + length);
    if (this.fault !== undefined) return { bytes: block, head: undefined, fault: this.fault };
    const head = new RequestRecord(bytes, base, length, fields.offsets.slice(0, fields.used));
    head.minor = line.minor;
    head.fieldsStart = line.lineEnd;
    head.method = methodText(bytes, base, base + line.methodEnd);
    head.target = bytes.toString('latin1', base + line.targetStart, base + line.targetEnd);
    head.targetStart = line.targetStart;
    head.targetEnd = line.targetEnd;
    return { bytes: block, head, fault: this.#meaning.read(head, fields) };
  }
}

export class ResponseBlockReader extends BlockReader<StatusLineScanner> {
  readonly #framing: FramingFields;
  readonly #connection: ConnectionFields;

  constructor(fieldsMax: number) {
    super(new StatusLineScanner(), fieldsMax);
    this.#framing = new FramingFields(fieldsMax);
    this.#connection = new ConnectionFields(fieldsMax);
  }

  /** The block at `base`, once `scan` said `done`. */
  take(bytes: Buffer, base: number): ResponseBlock {
    const { line, fields, length } = this;
    const block = bytes.subarray(base, base + length);
    if (this.fault !== undefined) return { bytes: block, head: undefined, fault: this.fault };
    const head = new ResponseRecord(bytes, base, length, fields.offsets.slice(0, fields.used));
    head.minor = line.minor;
    head.fieldsStart = line.lineEnd;
    head.status = line.status;
    head.reason = bytes.toString('latin1', base + line.reasonStart, base + line.reasonEnd);
    head.lineIsCanonical = line.canonical;
    head.informational = line.status < 200 && line.status !== 101;
    const fault =
      this.#framing.read(head.fields, fields, line.minor) ??
      this.#connection.read(head.fields, fields, line.minor);
    if (fault !== undefined) return { bytes: block, head, fault };
    const { length: contentLength, chunked } = this.#framing;
    if (contentLength >= 0) head.contentLength = contentLength;
    head.framing = chunked
      ? CHUNKED
      : contentLength < 0
        ? NO_BODY
        : { kind: 'length', length: contentLength };
    head.keepAlive = this.#connection.keepAlive;
    head.upgrade = this.#connection.upgrade;
    head.connectionNames = this.#connection.names;
    return { bytes: block, head, fault: undefined };
  }
}
