import { FieldScanner } from '../fields/index.ts';
import { BodyReader } from './body-reader.ts';
import { ConnectionFields } from './connection.ts';
import { CLOSED, END, NEED_DATA, type ResponseEvent, type Stop, type ViolationStop } from './events.ts';
import { FIELD_FAULTS, FramingFields } from './framing.ts';
import { CHUNKED, NO_BODY, type ResponseFraming, ResponseRecord, UNTIL_CLOSE } from './head.ts';
import { HeadCursor } from './head-cursor.ts';
import { Intake } from './intake.ts';
import type { Http1Limits } from './limits.ts';
import { StatusLineScanner } from './start-line.ts';
import type { Http1Violation } from './violations.ts';

/**
 * - `idle`: no request is open; any byte is a violation.
 * - `switched`: behind 101 or a 2xx to CONNECT; the bytes belong to the tunnel (`takeBuffered`).
 */
type State = 'idle' | 'head' | 'body' | 'switch' | 'switched' | 'dead';

/**
 * HTTP/1.1 and HTTP/1.0 responses, from bytes to events. Client side. `begin` names the request that the next
 * response answers; heads of 1xx responses come before the final one without an `end`. Use as `RequestDecoder`.
 *
 * `closed` before the first byte of a response means that the server gave up the connection before it answered.
 */
export class ResponseDecoder {
  readonly #limits: Http1Limits;
  readonly #intake = new Intake();
  readonly #line = new StatusLineScanner();
  readonly #fields: FieldScanner;
  readonly #cursor = new HeadCursor();
  readonly #body: BodyReader;
  readonly #framing: FramingFields;
  readonly #connection: ConnectionFields;
  #state: State = 'idle';
  #method = '';
  #ended = false;
  #violation: ViolationStop | undefined;

  constructor(limits: Http1Limits) {
    this.#limits = limits;
    this.#fields = new FieldScanner(limits.fieldsMax);
    this.#body = new BodyReader(this.#intake, limits);
    this.#framing = new FramingFields(limits.fieldsMax);
    this.#connection = new ConnectionFields(limits.fieldsMax);
  }

  /** Bytes wait that no event has given out. With no request open, the connection must not be used again. */
  get hasBuffered(): boolean {
    return !this.#intake.isEmpty;
  }

  /** A request with this method was sent; its response comes next. Only when no response is open. */
  begin(method: string): void {
    if (this.#state !== 'idle') return;
    this.#method = method;
    this.#state = 'head';
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

  next(): ResponseEvent | Stop {
    switch (this.#state) {
      case 'idle':
        if (!this.#intake.isEmpty) return this.#fail('HTTP1_UNEXPECTED_DATA');
        return this.#ended ? CLOSED : NEED_DATA;
      case 'head':
        return this.#nextHead();
      case 'body': {
        const event = this.#body.next(this.#ended);
        if (typeof event === 'string') return event === 'more' ? this.#more() : this.#fail(event);
        if (event.kind === 'end') this.#state = 'idle';
        return event;
      }
      case 'switch':
        this.#state = 'switched';
        return END;
      case 'switched':
        return CLOSED;
      case 'dead':
        return this.#violation ?? CLOSED;
    }
  }

  #nextHead(): ResponseEvent | Stop {
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

  #head(): ResponseRecord | 'more' | Http1Violation {
    const intake = this.#intake;
    const cursor = this.#cursor;
    intake.settle();
    for (;;) {
      const base = intake.start;
      const to = Math.min(intake.end, base + this.#limits.headBytesMax);
      if (cursor.lineIsHere(intake.bytes, base, to)) {
        const result = this.#lines(intake.bytes, base, to);
        if (result === 'done') return this.#finish(intake.bytes, base);
        if (result !== 'more') return result;
      }
      if (to - base === this.#limits.headBytesMax) return 'HTTP1_HEAD_TOO_LARGE';
      cursor.searched = to - base;
      if (!intake.more()) return 'more';
    }
  }

  #lines(bytes: Buffer, base: number, to: number): 'done' | 'more' | Http1Violation {
    if (this.#cursor.inStartLine) {
      const result = this.#line.scan(bytes, base, to);
      if (result !== 'done') return result;
      this.#cursor.inStartLine = false;
      this.#fields.begin(this.#line.lineEnd);
    }
    const result = this.#fields.scan(bytes, base, to);
    return result === 'done' || result === 'more' ? result : FIELD_FAULTS[result];
  }

  #finish(bytes: Buffer, base: number): ResponseRecord | Http1Violation {
    const fields = this.#fields;
    const line = this.#line;
    const record = new ResponseRecord(bytes, base, fields.position, fields.offsets.slice(0, fields.used));
    record.minor = line.minor;
    record.fieldsStart = line.lineEnd;
    record.status = line.status;
    record.reason = reasonText(bytes, base + line.reasonStart, base + line.reasonEnd);
    record.lineIsCanonical = line.canonical;
    const fault =
      this.#framing.read(record.fields, fields, line.minor) ??
      this.#connection.read(record.fields, fields, line.minor);
    if (fault !== undefined) return fault;
    record.upgrade = this.#connection.upgrade;
    record.connectionNames = this.#connection.names;
    record.contentLength = this.#framing.length < 0 ? undefined : this.#framing.length;
    record.framing = this.#framingOf(record.status);
    // RFC 9112 §9.3: a body that only the end of the connection ends leaves none for another message.
    record.keepAlive = this.#connection.keepAlive && record.framing !== UNTIL_CLOSE;
    this.#intake.start += fields.position;
    this.#cursor.begin();
    this.#proceed(record);
    return record;
  }

  /** RFC 9112 §6.3, in its order. */
  #framingOf(status: number): ResponseFraming {
    if (this.#method === 'HEAD' || status < 200 || status === 204 || status === 304) return NO_BODY;
    if (this.#method === 'CONNECT' && status < 300) return NO_BODY;
    if (this.#framing.chunked) return CHUNKED;
    const { length } = this.#framing;
    return length < 0 ? UNTIL_CLOSE : { kind: 'length', length };
  }

  #proceed(record: ResponseRecord): void {
    const { status } = record;
    record.isSwitch = this.#method === 'CONNECT' && status >= 200 && status < 300;
    if (status === 101 || record.isSwitch) this.#state = 'switch';
    else if (status < 200) record.informational = true;
    else {
      this.#state = 'body';
      this.#body.begin(record.framing);
    }
  }

  #fail(code: Http1Violation): ViolationStop {
    this.#state = 'dead';
    this.#intake.clear();
    this.#violation = { kind: 'violation', code, status: 502 };
    return this.#violation;
  }
}

/** The usual reasons without making a string. */
function reasonText(bytes: Buffer, from: number, to: number): string {
  if (to - from === 2 && bytes[from] === 0x4f && bytes[from + 1] === 0x4b) return 'OK';
  return from === to ? '' : bytes.toString('latin1', from, to);
}
