import {
  type IcapLimits,
  IcapRequestDecoder,
  type IcapRequestEvent,
  type IcapRequestHead,
  IcapResponseDecoder,
  type IcapResponseEvent,
  type IcapResponseHead,
  type IcapStop,
  type Asked,
} from '../../src/protocols/icap/index.ts';
import type { RequestBlock, ResponseBlock } from '../../src/protocols/http1/index.ts';
import type { FieldTable } from '../../src/protocols/fields/index.ts';

/** Drives the ICAP codec in tests: bytes in, a transcript out that two runs can be compared by. */

export const ICAP_LIMITS: IcapLimits = {
  headBytesMax: 16_384,
  targetBytesMax: 8192,
  fieldsMax: 100,
  chunkLineBytesMax: 1024,
  trailerBytesMax: 4096,
  encapsulatedBytesMax: 65_536,
};

export interface IcapDriveOptions {
  readonly limits?: IcapLimits;
  /** The peer's FIN follows the last piece; default true. */
  readonly end?: boolean;
  /** What the service does behind each preview without `ieof`, over and over; default `continue`. */
  readonly previews?: readonly ('continue' | 'answered')[];
}

/** Everything that a request decoder says to the pieces, one line per event; body pieces joined. */
export function icapRequestTranscript(
  pieces: readonly Uint8Array[],
  options: IcapDriveOptions = {},
): string[] {
  const decoder = new IcapRequestDecoder(options.limits ?? ICAP_LIMITS);
  const { previews = ['continue'] } = options;
  let asked = 0;
  const next = (): IcapRequestEvent | IcapStop => {
    const event = decoder.next();
    if (event.kind !== 'paused') return event;
    const decision = previews[asked++ % previews.length]!;
    if (decision === 'continue') decoder.continue();
    else decoder.answered();
    return next();
  };
  return transcript(decoder, next, pieces, options);
}

/** The same for responses to `asked`, one after the other. */
export function icapResponseTranscript(
  asked: readonly Asked[],
  pieces: readonly Uint8Array[],
  options: IcapDriveOptions = {},
): string[] {
  const decoder = new IcapResponseDecoder(options.limits ?? ICAP_LIMITS);
  const waiting = [...asked];
  const begin = (): void => {
    const first = waiting.shift();
    if (first !== undefined) decoder.begin(first);
  };
  begin();
  const next = (): IcapResponseEvent | IcapStop => {
    const event = decoder.next();
    if (event.kind === 'end') begin();
    return event;
  };
  return transcript(decoder, next, pieces, options);
}

interface Feed {
  receive(bytes: Uint8Array): void;
  receiveEnd(): void;
}

function transcript(
  feed: Feed,
  next: () => IcapRequestEvent | IcapResponseEvent | IcapStop,
  pieces: readonly Uint8Array[],
  options: IcapDriveOptions,
): string[] {
  const lines: string[] = [];
  let body = '';
  const say = (line: string): void => {
    if (body !== '') lines.push(`body ${JSON.stringify(body)}`);
    body = '';
    lines.push(line);
  };
  /** False when the decoder is done. */
  const drain = (): boolean => {
    for (;;) {
      const event = next();
      if (event.kind === 'body') {
        if (event.bytes.length === 0) throw new Error('an empty body event');
        body += text(event.bytes);
      } else if (event.kind === 'need-data') return true;
      else {
        say(describe(event));
        if (event.kind === 'closed' || event.kind === 'violation') return false;
      }
    }
  };
  for (const piece of pieces) {
    // The wire's bytes are valid until the next read only: they are spoiled once the decoder asked for more.
    const lent = Buffer.from(piece);
    feed.receive(lent);
    const goesOn = drain();
    lent.fill(0xee);
    if (!goesOn) return lines;
  }
  if (options.end === false) {
    say('need-data');
    return lines;
  }
  feed.receiveEnd();
  drain();
  return lines;
}

function describe(event: Exclude<IcapRequestEvent | IcapResponseEvent | IcapStop, { kind: 'body' }>): string {
  switch (event.kind) {
    case 'head':
      return `head ${JSON.stringify(describeHead(event.head))}`;
    case 'preview-end':
      return event.ieof ? 'preview-end ieof' : 'preview-end';
    case 'end': {
      const from =
        'originalBodyFrom' in event && event.originalBodyFrom !== undefined
          ? ` original from ${event.originalBodyFrom}`
          : '';
      return (event.trailers === undefined ? 'end' : `end ${JSON.stringify(text(event.trailers))}`) + from;
    }
    case 'violation':
      return `violation ${event.code} ${event.status}`;
    default:
      return event.kind;
  }
}

export function describeHead(head: IcapRequestHead | IcapResponseHead): object {
  const own =
    'method' in head
      ? {
          method: head.method,
          target: head.target,
          ...head.address,
          preview: head.preview,
          allow: [head.allows204, head.allows206, head.allowsTrailers],
        }
      : { status: head.status, reason: head.reason, istag: head.istag, informational: head.informational };
  return {
    ...own,
    keepAlive: head.keepAlive,
    body: head.body,
    fields: fieldsOf(head.fields),
    bytes: text(head.bytes),
    request: head.request && describeRequestBlock(head.request),
    response: head.response && describeResponseBlock(head.response),
  };
}

function describeRequestBlock({ bytes, head, fault }: RequestBlock): object {
  return {
    fault,
    bytes: text(bytes),
    head: head && {
      method: head.method,
      target: head.target,
      host: head.host,
      port: head.port,
      path: head.path,
      framing: head.framing,
      fields: fieldsOf(head.fields),
    },
  };
}

function describeResponseBlock({ bytes, head, fault }: ResponseBlock): object {
  return {
    fault,
    bytes: text(bytes),
    head: head && {
      status: head.status,
      reason: head.reason,
      framing: head.framing,
      contentLength: head.contentLength,
      fields: fieldsOf(head.fields),
    },
  };
}

function fieldsOf(fields: FieldTable): string[] {
  return Array.from({ length: fields.count }, (_, at) => `${fields.name(at)}=${fields.value(at)}`);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** One whole message as a decoder gave it out, its bytes copied. */
export interface ReadMessage<H> {
  /** Its texts may be asked for, its fields and bytes are gone. */
  readonly head: H;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The encapsulated heads. */
  readonly request: Buffer | undefined;
  readonly response: Buffer | undefined;
  readonly body: Buffer;
  /** Bytes of the body that came as a preview; -1 when there was none. */
  readonly previewed: number;
  readonly ieof: boolean;
  readonly trailers: Buffer | undefined;
  readonly originalBodyFrom: number | undefined;
}

/** Collects events into whole messages; a request left behind its preview counts as whole. */
export class MessageCollector<H extends IcapRequestHead | IcapResponseHead> {
  readonly messages: ReadMessage<H>[] = [];
  #head: H | undefined;
  #fields: ReadMessage<H>['fields'] = [];
  #blocks: Pick<ReadMessage<H>, 'request' | 'response'> = { request: undefined, response: undefined };
  #body: Buffer[] = [];
  #previewed = -1;
  #ieof = false;

  take(event: IcapRequestEvent | IcapResponseEvent): void {
    if (event.kind === 'head') {
      // The caller's decoder gives out heads of one role.
      this.#head = event.head as H;
      const { fields } = event.head;
      this.#fields = Array.from(
        { length: fields.count },
        (_, at) => [fields.name(at), fields.value(at)] as const,
      );
      const copy = (block: { readonly bytes: Uint8Array } | undefined): Buffer | undefined =>
        block && Buffer.from(block.bytes);
      this.#blocks = { request: copy(event.head.request), response: copy(event.head.response) };
      this.#body = [];
      this.#previewed = -1;
      this.#ieof = false;
      if ('informational' in event.head && event.head.informational) this.finish();
    } else if (event.kind === 'body') this.#body.push(Buffer.from(event.bytes));
    else if (event.kind === 'preview-end') {
      this.#previewed = Buffer.concat(this.#body).length;
      this.#ieof = event.ieof;
    } else {
      this.finish(event.trailers, 'originalBodyFrom' in event ? event.originalBodyFrom : undefined);
    }
  }

  finish(trailers?: Uint8Array, originalBodyFrom?: number): void {
    if (this.#head === undefined) throw new Error('an end without a head');
    this.messages.push({
      head: this.#head,
      fields: this.#fields,
      ...this.#blocks,
      body: Buffer.concat(this.#body),
      previewed: this.#previewed,
      ieof: this.#ieof,
      trailers: trailers && Buffer.from(trailers),
      originalBodyFrom,
    });
    this.#head = undefined;
  }
}
