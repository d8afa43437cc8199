import { FIELD, FieldTable, parseTokenList } from '../fields/index.ts';
import {
  BodyReader,
  type BodyEvent,
  CHUNKED,
  ConnectionFields,
  type EndEvent,
  Intake,
  NO_BODY,
  parseAuthority,
  parseLength,
  RequestLineScanner,
  visitExtensions,
} from '../http1/index.ts';
import { type IcapMethod, type Layout, NOTHING, readEncapsulated } from './encapsulated.ts';
import {
  CLOSED,
  type IcapRequestEvent,
  type IcapStop,
  type IcapViolationStop,
  NEED_DATA,
  PAUSED,
} from './events.ts';
import type { IcapRequestHead } from './head.ts';
import { HeadReader } from './head-reader.ts';
import type { IcapLimits } from './limits.ts';
import { readServiceAddress, type ServiceAddress } from './target.ts';
import { type IcapViolation, sharedViolation, VIOLATIONS } from './violations.ts';

const HOST = 1 << FIELD.HOST;
const FOREIGN_FRAMING = (1 << FIELD.CONTENT_LENGTH) | (1 << FIELD.TRANSFER_ENCODING);
const METHODS: readonly string[] = ['OPTIONS', 'REQMOD', 'RESPMOD'] satisfies IcapMethod[];

/** What the fields of a head say while the encapsulated heads are still to come. */
interface Pending {
  readonly method: IcapMethod;
  readonly target: string;
  readonly address: ServiceAddress;
  readonly table: FieldTable;
  /** Where the head stood when `table` was made; it may move while more comes in. */
  readonly source: Buffer;
  readonly base: number;
  readonly layout: Layout;
  readonly preview: number | undefined;
  readonly allow: readonly string[];
  readonly keepAlive: boolean;
}

/**
 * - `ieof`: the preview was the whole body, its `end` is still to be told.
 * - `paused`: behind a preview, until the caller says what it answered.
 * - `over`: behind the last request of the connection; what follows is nobody's.
 */
type State = 'head' | 'preview' | 'ieof' | 'paused' | 'body' | 'over' | 'dead';

/**
 * ICAP/1.0 requests, from bytes to events: a head with the heads it encapsulates, pieces of the body, the end of the
 * preview, the end; then the next request. Server side. Used as the decoders of `http1`: `next` until it says
 * `need-data`, then read the wire and `receive`. The events do not depend on how the bytes were cut.
 */
export class IcapRequestDecoder {
  readonly #limits: IcapLimits;
  readonly #intake = new Intake();
  readonly #reader: HeadReader<RequestLineScanner>;
  readonly #body: BodyReader;
  readonly #connection: ConnectionFields;
  #state: State = 'head';
  #pending: Pending | undefined;
  #target = '';
  #address: ServiceAddress | undefined;
  #previewLeft = 0;
  #isLast = false;
  #ended = false;
  #ieof = false;
  #end: EndEvent | undefined;
  #violation: IcapViolationStop | undefined;

  constructor(limits: IcapLimits) {
    this.#limits = limits;
    this.#reader = new HeadReader(new RequestLineScanner('ICAP/1.'), this.#intake, limits, true);
    this.#body = new BodyReader(this.#intake, limits, (bytes, from, to, size) =>
      visitExtensions(bytes, from, to, (name, value) => this.#extension(name, value, size)),
    );
    this.#connection = new ConnectionFields(limits.fieldsMax);
  }

  /** Bytes wait that no event has given out. */
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

  /** 100 was sent: the rest of the body follows. Only while `paused`. */
  continue(): void {
    if (this.#state !== 'paused') throw new Error('no preview waits for an answer');
    this.#state = 'body';
    this.#body.begin(CHUNKED);
  }

  /** The final answer was sent: the client keeps the rest of the body, its next request follows. Only while `paused`. */
  answered(): void {
    if (this.#state !== 'paused') throw new Error('no preview waits for an answer');
    this.#state = this.#isLast ? 'over' : 'head';
  }

  next(): IcapRequestEvent | IcapStop {
    switch (this.#state) {
      case 'head':
        return this.#nextHead();
      case 'preview':
        return this.#preview();
      case 'ieof':
        return this.#finishBody(this.#end!);
      case 'paused':
        return PAUSED;
      case 'body': {
        const event = this.#body.next(this.#ended);
        if (typeof event === 'string')
          return event === 'more' ? this.#more() : this.#fail(sharedViolation(event));
        return event.kind === 'end' ? this.#finishBody(event) : event;
      }
      case 'over':
        return CLOSED;
      case 'dead':
        return this.#violation!;
    }
  }

  #more(): IcapStop {
    this.#intake.keep();
    return NEED_DATA;
  }

  #nextHead(): IcapRequestEvent | IcapStop {
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
    if (line.targetEnd - line.targetStart > this.#limits.targetBytesMax) return 'ICAP_TARGET_TOO_LONG';
    const method = bytes.toString('latin1', start, start + line.methodEnd);
    // RFC 3507 §4.3.2: 501 for a method that is not known.
    if (!isMethod(method)) return 'ICAP_UNKNOWN_METHOD';
    const target = bytes.toString('latin1', start + line.targetStart, start + line.targetEnd);
    const address = this.#readAddress(target);
    if (typeof address === 'string') return address;
    // RFC 3507 §4.3.1, §4.4: Encapsulated alone frames a message; a second opinion is one too many.
    if ((fields.seen & FOREIGN_FRAMING) !== 0) return 'ICAP_FOREIGN_FRAMING';
    const fault = checkHost(table, fields, address);
    if (fault !== undefined) return fault;
    if (this.#connection.read(table, fields, 1) !== undefined) return 'ICAP_BAD_CONNECTION';
    const preview = readPreview(table);
    if (preview === 'ICAP_BAD_PREVIEW') return preview;
    const layout = readLayout(table, method);
    if (typeof layout === 'string') return layout;
    const allow = parseTokenList(table.all('allow').join(','), this.#limits.fieldsMax) ?? [];
    const { keepAlive } = this.#connection;
    this.#pending = {
      method,
      target,
      address,
      table,
      source: bytes,
      base: start,
      layout,
      preview,
      allow,
      keepAlive,
    };
    return this.#reader.expect(layout);
  }

  /** A client asks for the same service over and over. */
  #readAddress(target: string): ServiceAddress | IcapViolation {
    if (this.#address !== undefined && target === this.#target) return this.#address;
    const address = readServiceAddress(target);
    if (typeof address === 'string') return address;
    this.#target = target;
    this.#address = address;
    return address;
  }

  #finishHead(): IcapRequestHead {
    const { method, target, address, table, layout, preview, allow, keepAlive } = this.#pending!;
    const { headBytes } = this.#reader;
    const { bytes, start } = this.#intake;
    const stayed = this.#pending!.source === bytes && this.#pending!.base === start;
    const { request, response } = this.#reader.take();
    this.#pending = undefined;
    this.#isLast = !keepAlive;
    this.#ieof = false;
    const hasBody = layout.body !== 'null-body';
    this.#body.begin(hasBody ? CHUNKED : NO_BODY);
    this.#previewLeft = preview ?? 0;
    // Squid sends `Preview: 0` with a message that has no body: nothing to preview, nothing to wait for.
    this.#state = hasBody && preview !== undefined ? 'preview' : 'body';
    return {
      bytes: bytes.subarray(start, start + headBytes),
      fields: stayed ? table : new FieldTable(bytes, start, table.offsets),
      keepAlive,
      request,
      response,
      body: layout.body,
      method,
      target,
      address,
      preview,
      allows204: allow.includes('204'),
      allows206: allow.includes('206'),
      allowsTrailers: allow.includes('trailers'),
    };
  }

  #preview(): IcapRequestEvent | IcapStop {
    if (this.#previewLeft < 0) return this.#fail('ICAP_PREVIEW_TOO_LONG');
    const event = this.#body.next(this.#ended);
    if (typeof event === 'string')
      return event === 'more' ? this.#more() : this.#fail(sharedViolation(event));
    if (event.kind === 'body') return this.#previewPiece(event);
    if (this.#ieof) {
      this.#state = 'ieof';
      this.#end = event;
    } else if (event.trailers === undefined) this.#state = 'paused';
    // The trailer section belongs to the end of the body, which this is not.
    else return this.#fail('ICAP_BAD_TRAILER');
    return { kind: 'preview-end', ieof: this.#ieof };
  }

  /** What was announced is given out whatever the cuts, and the first byte too many ends it. */
  #previewPiece(event: BodyEvent): IcapRequestEvent | IcapStop {
    const left = this.#previewLeft;
    const { bytes } = event;
    this.#previewLeft = left - bytes.length;
    if (this.#previewLeft >= 0) return event;
    return left === 0
      ? this.#fail('ICAP_PREVIEW_TOO_LONG')
      : { kind: 'body', bytes: bytes.subarray(0, left) };
  }

  #finishBody(event: EndEvent): EndEvent {
    this.#state = this.#isLast ? 'over' : 'head';
    this.#end = undefined;
    return event;
  }

  /**
   * RFC 3507 §4.5: `ieof` stands at the last chunk. At another one it would end the body for some readers only. It
   * means something in a preview only; elsewhere the body ends there anyway.
   */
  #extension(name: string, value: string | undefined, size: number): boolean {
    if (name !== 'ieof') return true;
    this.#ieof = size === 0 && value === undefined;
    return this.#ieof;
  }

  #fail(code: IcapViolation): IcapViolationStop {
    this.#state = 'dead';
    this.#intake.clear();
    this.#violation = { kind: 'violation', code, status: VIOLATIONS[code].status };
    return this.#violation;
  }
}

function isMethod(text: string): text is IcapMethod {
  return METHODS.includes(text);
}

/**
 * RFC 3507 §4.3.2 asks for Host as HTTP/1.1 does. Where the address names the host, a missing or empty one changes
 * nothing and is taken: the RFC's own request in §4.10.1 has none.
 */
function checkHost(
  table: FieldTable,
  fields: { readonly seen: number; readonly twice: number },
  address: ServiceAddress,
): IcapViolation | undefined {
  if ((fields.twice & HOST) !== 0) return 'ICAP_DUPLICATE_HOST';
  const value = (fields.seen & HOST) === 0 ? '' : table.value(table.indexOfKnown(FIELD.HOST));
  if (value === '') return address.host === '' ? 'ICAP_MISSING_HOST' : undefined;
  return parseAuthority(value) === undefined ? 'ICAP_BAD_HOST' : undefined;
}

function readPreview(table: FieldTable): number | undefined | 'ICAP_BAD_PREVIEW' {
  const values = table.all('preview');
  if (values.length === 0) return undefined;
  const preview = values.length === 1 ? parseLength(values[0]!) : -1;
  return preview < 0 ? 'ICAP_BAD_PREVIEW' : preview;
}

/** RFC 3507 §4.4.1 asks for Encapsulated always. Squid 5.7 sends OPTIONS without it: then there is nothing. */
function readLayout(table: FieldTable, method: IcapMethod): Layout | IcapViolation {
  const values = table.all('encapsulated');
  if (values.length > 1) return 'ICAP_DUPLICATE_ENCAPSULATED';
  if (values.length === 1) return readEncapsulated(values[0]!, 'request', method);
  return method === 'OPTIONS' ? NOTHING : 'ICAP_MISSING_ENCAPSULATED';
}
