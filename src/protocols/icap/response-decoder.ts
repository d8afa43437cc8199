import { FIELD, FieldTable } from '../fields/index.ts';
import {
  BodyReader,
  CHUNKED,
  ConnectionFields,
  Intake,
  NO_BODY,
  parseLength,
  StatusLineScanner,
  visitExtensions,
} from '../http1/index.ts';
import { type IcapMethod, type Layout, NOTHING, readEncapsulated } from './encapsulated.ts';
import {
  CLOSED,
  type IcapResponseEvent,
  type IcapStop,
  type IcapViolationStop,
  NEED_DATA,
} from './events.ts';
import type { IcapResponseHead } from './head.ts';
import { HeadReader } from './head-reader.ts';
import { readIstag } from './istag.ts';
import type { IcapLimits } from './limits.ts';
import { type IcapViolation, sharedViolation } from './violations.ts';

const FOREIGN_FRAMING = (1 << FIELD.CONTENT_LENGTH) | (1 << FIELD.TRANSFER_ENCODING);

/** What the response that comes next answers. */
export interface Asked {
  readonly method: IcapMethod;
  /** A preview without `ieof` was sent: 100 may come first. */
  readonly previewed: boolean;
}

/** What the fields of a head say while the encapsulated heads are still to come. */
interface Pending {
  readonly status: number;
  readonly reason: string;
  readonly istag: string | undefined;
  readonly offsets: readonly number[];
  readonly layout: Layout;
  readonly keepAlive: boolean;
}

/** `idle`: no request is open; any byte is a violation. */
type State = 'idle' | 'head' | 'body' | 'dead';

/**
 * ICAP/1.0 responses, from bytes to events. Client side. `begin` says what the next response answers; a head of 100
 * comes before the final one without an `end`. Used as `IcapRequestDecoder`.
 *
 * `closed` before the first byte of a response means that the server gave up the connection before it answered.
 */
export class IcapResponseDecoder {
  readonly #intake = new Intake();
  readonly #reader: HeadReader<StatusLineScanner>;
  readonly #body: BodyReader;
  readonly #connection: ConnectionFields;
  #state: State = 'idle';
  #asked: Asked = { method: 'OPTIONS', previewed: false };
  #pending: Pending | undefined;
  #isPartial = false;
  #originalBodyFrom: number | undefined;
  #ended = false;
  #violation: IcapViolationStop | undefined;

  constructor(limits: IcapLimits) {
    this.#reader = new HeadReader(new StatusLineScanner('ICAP/1.'), this.#intake, limits, false);
    this.#body = new BodyReader(this.#intake, limits, (bytes, from, to, size) =>
      visitExtensions(bytes, from, to, (name, value) => this.#extension(name, value, size)),
    );
    this.#connection = new ConnectionFields(limits.fieldsMax);
  }

  /** Bytes wait that no event has given out. With no request open, the connection must not be used again. */
  get hasBuffered(): boolean {
    return !this.#intake.isEmpty;
  }

  /** A request was sent; its response comes next. Only when no response is open. */
  begin(asked: Asked): void {
    if (this.#state !== 'idle') return;
    this.#asked = asked;
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

  next(): IcapResponseEvent | IcapStop {
    switch (this.#state) {
      case 'idle':
        if (!this.#intake.isEmpty) return this.#fail('ICAP_UNEXPECTED_DATA');
        return this.#ended ? CLOSED : NEED_DATA;
      case 'head':
        return this.#nextHead();
      case 'body': {
        const event = this.#body.next(this.#ended);
        if (typeof event === 'string')
          return event === 'more' ? this.#more() : this.#fail(sharedViolation(event));
        if (event.kind === 'body') return event;
        this.#state = 'idle';
        return { kind: 'end', trailers: event.trailers, originalBodyFrom: this.#originalBodyFrom };
      }
      case 'dead':
        return this.#violation!;
    }
  }

  #more(): IcapStop {
    this.#intake.keep();
    return NEED_DATA;
  }

  #nextHead(): IcapResponseEvent | IcapStop {
    for (;;) {
      const step = this.#reader.step();
      if (step === 'done') return { kind: 'head', head: this.#finishHead() };
      if (step === 'lines') {
        const fault = this.#readLines();
        if (fault !== undefined) return this.#fail(fault);
      } else if (step !== 'more') return this.#fail(step);
      else if (!this.#ended) return this.#more();
      else return this.#intake.isEmpty ? CLOSED : this.#fail('ICAP_CUT_HEAD');
    }
  }

  #readLines(): IcapViolation | undefined {
    const { line, fields } = this.#reader;
    const { bytes, start } = this.#intake;
    const table = this.#reader.table();
    const { status } = line;
    if ((fields.seen & FOREIGN_FRAMING) !== 0) return 'ICAP_FOREIGN_FRAMING';
    if (this.#connection.read(table, fields, 1) !== undefined) return 'ICAP_BAD_CONNECTION';
    if (status < 200 && !this.#asked.previewed) return 'ICAP_UNEXPECTED_CONTINUE';
    const layout = this.#readLayout(table, status);
    if (typeof layout === 'string') return layout;
    this.#pending = {
      status,
      reason: bytes.toString('latin1', start + line.reasonStart, start + line.reasonEnd),
      istag: readIstag(table.get('istag')),
      offsets: table.offsets,
      layout,
      keepAlive: this.#connection.keepAlive,
    };
    return this.#reader.expect(layout);
  }

  /**
   * RFC 3507 §4.4.1 asks for Encapsulated always. c-icap 0.5.10 leaves it out of 204 and of errors, others of answers
   * to OPTIONS: then there is nothing. Only an adapted message needs it.
   */
  #readLayout(table: FieldTable, status: number): Layout | IcapViolation {
    const { method } = this.#asked;
    const values = table.all('encapsulated');
    if (values.length > 1) return 'ICAP_DUPLICATE_ENCAPSULATED';
    if (values.length === 0) {
      return method !== 'OPTIONS' && status >= 200 && status < 300 && status !== 204
        ? 'ICAP_MISSING_ENCAPSULATED'
        : NOTHING;
    }
    const layout = readEncapsulated(values[0]!, 'response', method);
    if (typeof layout === 'string' || (status >= 200 && status !== 204)) return layout;
    const isEmpty = layout.body === 'null-body' && layout.requestBytes + layout.responseBytes === 0;
    return isEmpty ? layout : 'ICAP_UNEXPECTED_BODY';
  }

  #finishHead(): IcapResponseHead {
    const { status, reason, istag, offsets, layout, keepAlive } = this.#pending!;
    const { headBytes } = this.#reader;
    const { bytes, start } = this.#intake;
    const { request, response } = this.#reader.take();
    this.#pending = undefined;
    this.#isPartial = status === 206;
    this.#originalBodyFrom = undefined;
    const informational = status < 200;
    if (informational) this.#asked = { method: this.#asked.method, previewed: false };
    else {
      this.#state = 'body';
      this.#body.begin(layout.body === 'null-body' ? NO_BODY : CHUNKED);
    }
    return {
      bytes: bytes.subarray(start, start + headBytes),
      fields: new FieldTable(bytes, start, offsets),
      keepAlive,
      request,
      response,
      body: layout.body,
      status,
      reason,
      istag,
      informational,
    };
  }

  /** Partial Content extension §5.2: `use-original-body` stands once, at the last chunk of a 206. */
  #extension(name: string, value: string | undefined, size: number): boolean {
    if (name !== 'use-original-body') return true;
    const offset = value === undefined ? -1 : parseLength(value);
    if (!this.#isPartial || size > 0 || offset < 0 || this.#originalBodyFrom !== undefined) return false;
    this.#originalBodyFrom = offset;
    return true;
  }

  #fail(code: IcapViolation): IcapViolationStop {
    this.#state = 'dead';
    this.#intake.clear();
    this.#violation = { kind: 'violation', code, status: 502 };
    return this.#violation;
  }
}
