import { CHAR_CLASS, FieldScanner, hasLineFeed, TOKEN_CHAR } from '../fields/index.ts';
import { BodyReader } from './body-reader.ts';
import { CLOSED, NEED_DATA, type RequestEvent, type Stop, type ViolationStop } from './events.ts';
import { FIELD_FAULTS } from './framing.ts';
import { RequestRecord } from './head.ts';
import { HeadCursor } from './head-cursor.ts';
import { Intake } from './intake.ts';
import type { Http1Limits } from './limits.ts';
import { RequestMeaning } from './request-meaning.ts';
import { methodText, RequestLineScanner } from './start-line.ts';
import { type Http1Violation, VIOLATIONS } from './violations.ts';

/**
 * HTTP/1.1 and HTTP/1.0 requests, from bytes to events: a head, pieces of the body, the end; then the next request.
 * Strict: what it gives out has one meaning, everything else is a violation. Server side.
 *
 * Behind a request that asks to close the connection comes `closed`.
 * `next` until it says `need-data`, then read the wire and `receive`. Whoever reads the wire earlier, while bytes wait
 * here, calls `keep` first. The events do not depend on how the bytes were cut.
 */
export class RequestDecoder {
  readonly #limits: Http1Limits;
  readonly #intake = new Intake();
  readonly #line = new RequestLineScanner();
  readonly #fields: FieldScanner;
  readonly #cursor = new HeadCursor();
  readonly #body: BodyReader;
  readonly #meaning: RequestMeaning;
  /** `over`: behind a request that is the last one (RFC 9112 §9.6); what follows is nobody's. */
  #state: 'head' | 'body' | 'over' | 'dead' = 'head';
  #isLast = false;
  #ended = false;
  #emptyLineSeen = false;
  #violation: ViolationStop | undefined;

  constructor(limits: Http1Limits) {
    this.#limits = limits;
    this.#fields = new FieldScanner(limits.fieldsMax);
    this.#body = new BodyReader(this.#intake, limits);
    this.#meaning = new RequestMeaning(limits.fieldsMax);
  }

  /** Bytes wait that no event has given out: of the next request, or sent early for a tunnel. */
  get hasBuffered(): boolean {
    return !this.#intake.isEmpty;
  }

  /** Takes a view: the bytes must stay as they are until the next read. */
  receive(chunk: Uint8Array): void {
    if (this.#state !== 'dead' && chunk.length > 0) this.#intake.receive(chunk);
  }

  /** The peer sent its last byte. */
  receiveEnd(): void {
    this.#ended = true;
  }

  /** Copies what waits, so that the caller may read the wire again before `need-data`. */
  keep(): void {
    this.#intake.keep();
  }

  /** What waits behind the last event, for the tunnel that takes over; the decoder is done then. */
  takeBuffered(): Uint8Array {
    return this.#intake.takeAll();
  }

  next(): RequestEvent | Stop {
    if (this.#state === 'body') {
      const event = this.#body.next(this.#ended);
      if (typeof event === 'string') return event === 'more' ? this.#more() : this.#fail(event);
      if (event.kind === 'end') this.#state = this.#isLast ? 'over' : 'head';
      return event;
    }
    if (this.#state !== 'head') return this.#violation ?? CLOSED;
    const result = this.#head();
    if (typeof result !== 'string') return { kind: 'head', head: result };
    if (result !== 'more') return this.#fail(result);
    if (!this.#ended) return this.#more();
    return this.#intake.isEmpty ? CLOSED : this.#fail('HTTP1_CUT_HEAD');
  }

  #more(): Stop {
    this.#intake.keep();
    return NEED_DATA;
  }

  #head(): RequestRecord | 'more' | Http1Violation {
    const intake = this.#intake;
    const cursor = this.#cursor;
    intake.settle();
    for (;;) {
      const base = intake.start;
      const to = Math.min(intake.end, base + this.#limits.headBytesMax);
      if (cursor.lineIsHere(intake.bytes, base, to)) {
        const result = this.#lines(intake.bytes, base, to);
        if (result === 'done') return this.#finish(intake.bytes, base);
        if (result === 'again') continue;
        if (result !== 'more') return result;
      }
      if (to - base === this.#limits.headBytesMax) {
        // RFC 9112 §3: a target longer than wished is 414, the rest is RFC 6585 §5.
        return cursor.inStartLine ? 'HTTP1_TARGET_TOO_LONG' : 'HTTP1_HEAD_TOO_LARGE';
      }
      cursor.searched = to - base;
      if (!intake.more()) return 'more';
    }
  }

  #lines(bytes: Buffer, base: number, to: number): 'done' | 'again' | 'more' | Http1Violation {
    const cursor = this.#cursor;
    if (cursor.inStartLine) {
      if (base === to) return 'more';
      if ((CHAR_CLASS[bytes[base]!]! & TOKEN_CHAR) === 0) return this.#emptyLine(bytes, base, to);
      const line = this.#line;
      const result = line.scan(bytes, base, to);
      if (result !== 'done') return result;
      if (line.targetEnd - line.targetStart > this.#limits.targetBytesMax) return 'HTTP1_TARGET_TOO_LONG';
      cursor.inStartLine = false;
      this.#fields.begin(line.lineEnd);
    }
    const result = this.#fields.scan(bytes, base, to);
    return result === 'done' || result === 'more' ? result : FIELD_FAULTS[result];
  }

  /** RFC 9112 §2.2: one empty line before a request line is skipped (old clients send it behind a body). */
  #emptyLine(bytes: Buffer, base: number, to: number): 'again' | 'more' | Http1Violation {
    if (bytes[base] !== 0x0d) return bytes[base] === 0x0a ? 'HTTP1_BARE_LF' : 'HTTP1_BAD_REQUEST_LINE';
    if (base + 1 >= to) return 'more';
    if (bytes[base + 1] !== 0x0a) return hasLineFeed(bytes, base + 1, to) ? 'HTTP1_BARE_CR' : 'more';
    if (this.#emptyLineSeen) return 'HTTP1_EMPTY_LINES';
    this.#emptyLineSeen = true;
    this.#intake.start += 2;
    this.#cursor.searched = 0;
    return 'again';
  }

  #finish(bytes: Buffer, base: number): RequestRecord | Http1Violation {
    const fields = this.#fields;
    const line = this.#line;
    const record = new RequestRecord(bytes, base, fields.position, fields.offsets.slice(0, fields.used));
    record.minor = line.minor;
    record.fieldsStart = line.lineEnd;
    record.method = methodText(bytes, base, base + line.methodEnd);
    record.target = bytes.toString('latin1', base + line.targetStart, base + line.targetEnd);
    record.targetStart = line.targetStart;
    record.targetEnd = line.targetEnd;
    const fault = this.#meaning.read(record, fields);
    if (fault !== undefined) return fault;
    this.#intake.start += fields.position;
    this.#cursor.begin();
    this.#emptyLineSeen = false;
    this.#isLast = !record.keepAlive;
    this.#state = 'body';
    this.#body.begin(record.framing);
    return record;
  }

  #fail(code: Http1Violation): ViolationStop {
    this.#state = 'dead';
    this.#intake.clear();
    this.#violation = { kind: 'violation', code, status: VIOLATIONS[code].status };
    return this.#violation;
  }
}
