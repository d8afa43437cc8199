import {
  encodeChunk,
  encodeLastChunk,
  encodeRequestHead,
  encodeResponseHead,
  type Http1Limits,
  RequestDecoder,
  type RequestHead,
  ResponseDecoder,
  type ResponseHead,
} from '../../src/protocols/http1/index.ts';

/** Drives the HTTP/1 codec in tests: bytes in, a transcript out that two runs can be compared by. */

export const LIMITS: Http1Limits = {
  headBytesMax: 16_384,
  targetBytesMax: 8192,
  fieldsMax: 100,
  chunkLineBytesMax: 1024,
  trailerBytesMax: 4096,
};

export function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

export interface DriveOptions {
  readonly limits?: Http1Limits;
  /** The peer's FIN follows the last piece; default true. */
  readonly end?: boolean;
}

/** Everything that a request decoder says to the pieces, one line per event; body pieces joined. */
export function requestTranscript(pieces: readonly Uint8Array[], options: DriveOptions = {}): string[] {
  const decoder = new RequestDecoder(options.limits ?? LIMITS);
  return transcript(decoder, () => decoder.next(), describeRequest, pieces, options);
}

/** The same for responses to `methods`, one after the other. */
export function responseTranscript(
  methods: readonly string[],
  pieces: readonly Uint8Array[],
  options: DriveOptions = {},
): string[] {
  const decoder = new ResponseDecoder(options.limits ?? LIMITS);
  const waiting = [...methods];
  const begin = (): void => {
    const method = waiting.shift();
    if (method !== undefined) decoder.begin(method);
  };
  begin();
  const next = (): ReturnType<ResponseDecoder['next']> => {
    const event = decoder.next();
    if (event.kind === 'end') begin();
    return event;
  };
  return transcript(decoder, next, describeResponse, pieces, options);
}

interface Feed {
  receive(bytes: Uint8Array): void;
  receiveEnd(): void;
}

type AnyEvent<H> =
  | { readonly kind: 'head'; readonly head: H }
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly trailers: Uint8Array | undefined }
  | { readonly kind: 'need-data' | 'closed' }
  | { readonly kind: 'violation'; readonly code: string; readonly status: number };

function transcript<H>(
  feed: Feed,
  next: () => AnyEvent<H>,
  describe: (head: H) => string,
  pieces: readonly Uint8Array[],
  options: DriveOptions,
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
        body += Buffer.from(event.bytes).toString('latin1');
      } else if (event.kind === 'head') say(`head ${describe(event.head)}`);
      else if (event.kind === 'end') {
        const { trailers } = event;
        say(
          trailers === undefined ? 'end' : `end ${JSON.stringify(Buffer.from(trailers).toString('latin1'))}`,
        );
      } else if (event.kind === 'need-data') return true;
      else {
        say(event.kind === 'violation' ? `violation ${event.code} ${event.status}` : event.kind);
        return false;
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
    if (body !== '') lines.push(`body ${JSON.stringify(body)}`);
    lines.push('need-data');
    return lines;
  }
  feed.receiveEnd();
  drain();
  return lines;
}

export function describeRequest(head: RequestHead): string {
  return JSON.stringify({
    method: head.method,
    form: head.form,
    scheme: head.scheme,
    host: head.host,
    port: head.port,
    authority: head.authority,
    path: head.path,
    minor: head.minor,
    framing: head.framing,
    keepAlive: head.keepAlive,
    expectContinue: head.expectContinue,
    upgrade: head.upgrade,
    names: [...(head.connectionNames ?? [])],
    fields: fieldsOf(head),
    bytes: Buffer.from(head.bytes).toString('latin1'),
  });
}

export function describeResponse(head: ResponseHead): string {
  return JSON.stringify({
    status: head.status,
    reason: head.reason,
    minor: head.minor,
    framing: head.framing,
    contentLength: head.contentLength,
    keepAlive: head.keepAlive,
    informational: head.informational,
    upgrade: head.upgrade,
    names: [...(head.connectionNames ?? [])],
    fields: fieldsOf(head),
    bytes: Buffer.from(head.bytes).toString('latin1'),
  });
}

function fieldsOf(head: RequestHead | ResponseHead): string[] {
  return Array.from(
    { length: head.fields.count },
    (_, at) => `${head.fields.name(at)}=${head.fields.value(at)}`,
  );
}

/** One request as the codec understood it, and the bytes that it would send on. */
export interface Forwarded {
  readonly method: string;
  readonly authority: string;
  readonly path: string;
  readonly framing: RequestHead['framing']['kind'];
  readonly body: Buffer;
  readonly trailers: Buffer;
  readonly bytes: Buffer;
}

export interface Forwarding {
  /** The whole requests, in order. */
  readonly requests: readonly Forwarded[];
  /** Why it stopped: a violation's code, `closed` or `need-data`. */
  readonly stop: string;
}

const NONE: ReadonlySet<string> = new Set();

/** Decodes a stream of requests and encodes each whole one again, as a forward proxy does. */
export function forward(input: Uint8Array, end = true): Forwarding {
  const decoder = new RequestDecoder(LIMITS);
  decoder.receive(input);
  if (end) decoder.receiveEnd();
  const requests: Forwarded[] = [];
  let head: RequestHead | undefined;
  let encoded: Uint8Array[] = [];
  let body: Uint8Array[] = [];
  for (;;) {
    const event = decoder.next();
    if (event.kind === 'head') {
      head = event.head;
      body = [];
      const options = {
        form: 'origin',
        via: 'test',
        drop: NONE,
        add: '',
        keepAlive: true,
        upgrade: false,
      } as const;
      encoded = [encodeRequestHead(head, options)];
    } else if (event.kind === 'body') {
      body.push(event.bytes);
      encoded.push(...(head?.framing.kind === 'chunked' ? encodeChunk(event.bytes) : [event.bytes]));
    } else if (event.kind === 'end') {
      if (head === undefined) throw new Error('an end without a head');
      if (head.framing.kind === 'chunked') encoded.push(encodeLastChunk(event.trailers));
      requests.push({
        method: head.method,
        authority: head.authority,
        path: head.path,
        framing: head.framing.kind,
        body: Buffer.concat(body),
        trailers: Buffer.from(event.trailers ?? []),
        bytes: Buffer.concat(encoded),
      });
      head = undefined;
    } else return { requests, stop: event.kind === 'violation' ? event.code : event.kind };
  }
}

/** One final response as the codec understood it, and the bytes that an HTTP/1.1 client would get. */
export interface Answered {
  readonly method: string;
  readonly status: number;
  readonly reason: string;
  readonly framing: ResponseHead['framing']['kind'];
  readonly body: Buffer;
  readonly bytes: Buffer;
}

/** Decodes responses to `methods` and encodes each whole one again; 1xx are left out, 101 ends it. */
export function answer(methods: readonly string[], input: Uint8Array): readonly Answered[] {
  const decoder = new ResponseDecoder(LIMITS);
  decoder.receive(input);
  decoder.receiveEnd();
  const answers: Answered[] = [];
  for (const method of methods) {
    decoder.begin(method);
    let head: ResponseHead | undefined;
    const encoded: Uint8Array[] = [];
    const body: Uint8Array[] = [];
    for (let event = decoder.next(); event.kind !== 'end'; event = decoder.next()) {
      if (event.kind === 'head') {
        if (event.head.status === 101) return answers;
        if (event.head.informational) continue;
        ({ head } = event);
        encoded.push(
          encodeResponseHead(head, { via: 'test', drop: NONE, add: '', keepAlive: true, minorOfClient: 1 }),
        );
      } else if (event.kind === 'body') {
        body.push(event.bytes);
        encoded.push(...(head?.framing.kind === 'chunked' ? encodeChunk(event.bytes) : [event.bytes]));
      } else return answers;
    }
    if (head === undefined) throw new Error('an end without a head');
    if (head.framing.kind === 'chunked') encoded.push(encodeLastChunk(undefined));
    answers.push({
      method,
      status: head.status,
      reason: head.reason,
      framing: head.framing.kind,
      body: Buffer.concat(body),
      bytes: Buffer.concat(encoded),
    });
  }
  return answers;
}
