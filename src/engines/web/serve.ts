import { type Clock, type MaybePromise, unreachable, type Wire } from '../../kernel/index.ts';
import {
  type Http1Limits,
  RequestDecoder,
  type RequestHead,
  VIOLATIONS,
  type ViolationStop,
} from '../../protocols/http1/index.ts';
import {
  answerEncoder,
  CONTINUE,
  type EncodeOptions,
  framingOf,
  problemAnswer,
  type WebAnswer,
} from './answer.ts';
import { keptRequest, webRequest, type WebRequest } from './request.ts';
import { WireAnswerStream } from './stream.ts';

/** A server of ours on one or more ports: how it answers, and its bounds. */
export interface WebSite {
  readonly clock: Clock;
  readonly limits: Http1Limits;
  readonly bodyBytesMax: number;
  /** Name of the setting behind `bodyBytesMax`, for the hint. */
  readonly bodyBytesSetting: string;
  /** Looks at the head alone; an answer ends the matter before the body is read. */
  admit(request: WebRequest): MaybePromise<WebAnswer | undefined>;
  answer(request: WebRequest): MaybePromise<WebAnswer>;
  /**
   * The body of this request is taken as it comes: `answer` is asked at the head and reads `request.chunks`.
   * `bodyBytesMax` does not hold there; whoever answers has bounds of its own.
   */
  streams?(request: WebRequest): boolean;
  /** The request has its answer, which took this long and had so many bytes of body. */
  answered(request: WebRequest, answer: WebAnswer, tookMs: number, bytesOut: number): void;
  /** A message that breaks HTTP/1.1. */
  violated(code: string, source: string): void;
  /** `answer` threw, or its promise rejected: a bug. */
  failed(request: WebRequest, error: unknown): void;
}

export interface SiteTimes {
  /** Silence between requests, and the time for a body. */
  readonly idleMs: number;
  /** From the first byte of a head to its last. */
  readonly headMs: number;
}

export interface WebServer {
  serve(wire: Wire, times: SiteTimes): Promise<void>;
  /** Every answer from now on is the last of its connection. */
  drain(): void;
  /** The connection only waits for a next request. */
  waiting(wire: Wire): boolean;
}

export function createWebServer(site: WebSite): WebServer {
  const state = { draining: false, waiting: new Set<Wire>(), encode: answerEncoder(site.clock) };
  return {
    serve: (wire, times) => new Connection(wire, site, times, state).run(),
    drain: () => void (state.draining = true),
    waiting: (wire) => state.waiting.has(wire),
  };
}

interface ServerState {
  draining: boolean;
  readonly waiting: Set<Wire>;
  readonly encode: (answer: WebAnswer, options: EncodeOptions) => Buffer;
}

/** Answers to pipelined requests are written together, up to this size. */
const BATCH_BYTES = 64 * 1024;

interface Current {
  request: WebRequest;
  readonly head: { readonly keepAlive: boolean; readonly minor: 0 | 1 };
  readonly startedMs: number;
  readonly pieces: Buffer[];
  bodyBytes: number;
  /** `admit` has let it in. */
  admitted: boolean;
}

/** The client stopped in the middle of a body that was read as it came. */
class BodyCut extends Error {}

const BODY_CUT = problemAnswer(
  {
    status: 400,
    code: 'body-cut',
    title: 'The body ended too early',
    detail: 'The request broke off, or its chunks are malformed, before the end of its body.',
  },
  { close: true },
);

/** One connection: requests one after the other, each answered before the next is looked at. */
class Connection {
  readonly #wire: Wire;
  readonly #site: WebSite;
  readonly #times: SiteTimes;
  readonly #server: ServerState;
  readonly #decoder: RequestDecoder;
  #out: Buffer[] = [];
  #outBytes = 0;
  #deadline = false;

  constructor(wire: Wire, site: WebSite, times: SiteTimes, server: ServerState) {
    this.#wire = wire;
    this.#site = site;
    this.#times = times;
    this.#server = server;
    this.#decoder = new RequestDecoder(site.limits);
  }

  async run(): Promise<void> {
    let current: Current | undefined;
    let open = true;
    while (open) {
      const event = this.#decoder.next();
      switch (event.kind) {
        case 'need-data':
          await this.#receive(current !== undefined);
          break;
        case 'head': {
          const begun = await this.#begin(event.head);
          open = begun !== false;
          current = typeof begun === 'boolean' ? undefined : begun;
          break;
        }
        case 'body': {
          if (current === undefined) break;
          const kept = this.#keep(current, event.bytes);
          open = typeof kept === 'boolean' ? kept : await kept;
          break;
        }
        case 'end': {
          if (current === undefined) break;
          const finished = this.#finish(current);
          open = typeof finished === 'boolean' ? finished : await finished;
          current = undefined;
          if (this.#outBytes >= BATCH_BYTES) await this.#flush();
          break;
        }
        case 'violation':
          this.#refuse(event);
          open = false;
          break;
        case 'closed':
          open = false;
          break;
        default:
          return unreachable(event);
      }
    }
    await this.#flush();
  }

  /** Reads once. A head or body that has begun must be whole in time, however its bytes dribble in. */
  async #receive(inBody: boolean): Promise<void> {
    await this.#flush();
    const { waiting } = this.#server;
    const idle = !inBody && !this.#decoder.hasBuffered;
    if (idle) waiting.add(this.#wire);
    else if (!inBody && !this.#deadline) this.#setDeadline(this.#times.headMs);
    let chunk = this.#wire.read();
    if (chunk instanceof Promise) chunk = await chunk;
    if (idle) waiting.delete(this.#wire);
    if (chunk === undefined) this.#decoder.receiveEnd();
    else this.#decoder.receive(chunk);
  }

  /** A boolean: answered already, and whether the connection goes on. */
  async #begin(head: RequestHead): Promise<Current | boolean> {
    this.#setDeadline(0);
    const { framing, expectContinue } = head;
    const current: Current = {
      request: webRequest(head, this.#wire),
      head: { keepAlive: head.keepAlive, minor: head.minor },
      startedMs: this.#site.clock.monotonic(),
      pieces: [],
      bodyBytes: 0,
      admitted: false,
    };
    if (framing.kind === 'none') return current;
    current.request = keptRequest(current.request);
    const streams = this.#site.streams?.(current.request) === true;
    const tooLarge = !streams && framing.kind === 'length' && framing.length > this.#site.bodyBytesMax;
    const early = tooLarge
      ? this.#tooLarge()
      : await this.#guarded(current.request, () => this.#site.admit(current.request));
    if (early !== undefined) {
      await this.#write(current, { ...early, close: true });
      return false;
    }
    current.admitted = true;
    if (expectContinue) this.#push(CONTINUE);
    if (streams) return this.#answerStreaming(current);
    this.#setDeadline(this.#times.idleMs);
    return current;
  }

  /** Answers at the head; whoever answers reads the body. What it leaves unread ends the connection. */
  async #answerStreaming(current: Current): Promise<boolean> {
    const body = { ended: false };
    current.request = { ...current.request, chunks: this.#chunks(current, body) };
    this.#wire.setIdle(this.#times.idleMs);
    const answer = await this.#guarded(current.request, () => this.#site.answer(current.request));
    const finished = this.#write(current, answer, () => body.ended);
    return typeof finished === 'boolean' ? finished : await finished;
  }

  async *#chunks(current: Current, body: { ended: boolean }): AsyncGenerator<Uint8Array> {
    for (;;) {
      const event = this.#decoder.next();
      if (event.kind === 'need-data') await this.#receive(true);
      else if (event.kind === 'body') {
        current.bodyBytes += event.bytes.length;
        yield event.bytes;
      } else if (event.kind === 'end') {
        body.ended = true;
        return;
      } else {
        if (event.kind === 'violation') this.#site.violated(event.code, this.#wire.peerAddress);
        throw new BodyCut();
      }
    }
  }

  #keep(current: Current, bytes: Uint8Array): MaybePromise<boolean> {
    current.bodyBytes += bytes.length;
    if (current.bodyBytes > this.#site.bodyBytesMax) {
      return this.#write(current, { ...this.#tooLarge(), close: true });
    }
    // A copy: the bytes are gone at the next read.
    current.pieces.push(Buffer.from(bytes));
    return true;
  }

  /** Answers; false when the connection ends. Waits for nothing when the answer is ready. */
  #finish(current: Current): MaybePromise<boolean> {
    if (current.bodyBytes === 0) {
      const answer = this.#answerNow(current);
      return answer instanceof Promise ? this.#later(current, answer) : this.#write(current, answer);
    }
    this.#setDeadline(0);
    current.request = { ...current.request, body: Buffer.concat(current.pieces, current.bodyBytes) };
    return this.#later(
      current,
      this.#guarded(current.request, () => this.#site.answer(current.request)),
    );
  }

  #answerNow({ request, admitted }: Current): MaybePromise<WebAnswer> {
    const site = this.#site;
    try {
      const early = admitted ? undefined : site.admit(request);
      if (early instanceof Promise) {
        return this.#guarded(request, async () => (await early) ?? (await site.answer(request)));
      }
      const answer = early ?? site.answer(request);
      return answer instanceof Promise ? this.#guarded(request, () => answer) : answer;
    } catch (error) {
      return this.#bug(request, error);
    }
  }

  /** While we work the peer may be silent for as long as it takes. */
  async #later(current: Current, answer: Promise<WebAnswer>): Promise<boolean> {
    await this.#flush();
    this.#wire.setIdle(0);
    const ready = await answer;
    this.#wire.setIdle(this.#times.idleMs);
    return this.#write(current, ready);
  }

  async #guarded<T extends WebAnswer | undefined>(
    request: WebRequest,
    work: () => MaybePromise<T>,
  ): Promise<T | WebAnswer> {
    try {
      return await work();
    } catch (error) {
      // A request that the client broke off is no mistake of ours.
      if (error instanceof BodyCut) return BODY_CUT;
      return this.#bug(request, error);
    }
  }

  #bug(request: WebRequest, error: unknown): WebAnswer {
    this.#site.failed(request, error);
    return problemAnswer({
      status: 500,
      code: 'internal-error',
      title: 'The gateway made a mistake',
      detail: 'The request was not carried out. The cause is in the log of the gateway.',
    });
  }

  #tooLarge(): WebAnswer {
    const { bodyBytesMax, bodyBytesSetting } = this.#site;
    return problemAnswer({
      status: 413,
      code: 'body-too-large',
      title: 'The body is too large',
      detail: `At most ${bodyBytesMax} bytes are taken.`,
      hint: `The bound is the setting ${bodyBytesSetting}.`,
    });
  }

  #refuse({ code, status }: ViolationStop): void {
    this.#site.violated(code, this.#wire.peerAddress);
    const problem = {
      status,
      code: code.toLowerCase().replaceAll('_', '-'),
      title: 'The request is malformed',
      detail: VIOLATIONS[code].reason,
    };
    const answer = problemAnswer(problem);
    this.#push(this.#server.encode(answer, { keepAlive: false, headOnly: false, minor: 1 }));
  }

  /** False when the connection ends behind the answer. `isRead`: the body of the request has been read whole. */
  #write(current: Current, answer: WebAnswer, isRead = (): boolean => true): MaybePromise<boolean> {
    const { request, head } = current;
    const framing = framingOf(answer, head.minor);
    const headOnly = request.method === 'HEAD';
    const goesOn = framing !== 'close' && answer.close !== true && !this.#server.draining;
    const isStream = answer.stream !== undefined && !headOnly;
    const keepAlive = head.keepAlive && goesOn && (isStream || isRead());
    this.#push(this.#server.encode(answer, { keepAlive, headOnly, minor: head.minor }));
    if (isStream && framing !== undefined) {
      const out = new WireAnswerStream(this.#wire, framing);
      return this.#stream(current, answer, out).then((whole) => whole && keepAlive && isRead());
    }
    this.#answered(current, answer, headOnly ? 0 : (answer.body?.length ?? 0));
    return keepAlive;
  }

  /** False: it broke off, and the wire is cut. */
  async #stream(current: Current, answer: WebAnswer, out: WireAnswerStream): Promise<boolean> {
    await this.#flush();
    this.#wire.setIdle(this.#times.idleMs);
    try {
      await answer.stream?.(out);
      await out.finish();
    } catch (error) {
      if (!(error instanceof BodyCut) && !out.gone) this.#site.failed(current.request, error);
      this.#wire.destroy('reset');
      return false;
    } finally {
      this.#answered(current, answer, out.bytes);
    }
    return true;
  }

  #answered({ request, startedMs }: Current, answer: WebAnswer, bytesOut: number): void {
    this.#site.answered(request, answer, this.#site.clock.monotonic() - startedMs, bytesOut);
  }

  #push(bytes: Buffer): void {
    this.#out.push(bytes);
    this.#outBytes += bytes.length;
  }

  #flush(): MaybePromise<void> {
    const pieces = this.#out;
    const [first] = pieces;
    if (first === undefined) return undefined;
    this.#out = [];
    this.#outBytes = 0;
    return pieces.length === 1 ? this.#wire.write(first) : this.#wire.writeAll(pieces);
  }

  #setDeadline(deadlineMs: number): void {
    if (deadlineMs === 0 && !this.#deadline) return;
    this.#deadline = deadlineMs !== 0;
    this.#wire.setDeadline(deadlineMs);
  }
}
