import type { MaybePromise, WireEnd } from '../../kernel/index.ts';
import {
  encodeChunk,
  encodeLastChunk,
  encodeResponseHead,
  ResponseDecoder,
  type ResponseHead,
} from '../../protocols/http1/index.ts';
import { failure, type Failure, type ProxyError, type Upstream } from '../../engines/egress/index.ts';
import {
  type BodyGate,
  editBlock,
  editsOf,
  type Edits,
  FIELDS_OF_OURS,
  type GateResult,
  laterChanges,
} from '../../engines/exchange/index.ts';
import type { ProxyContext } from './context.ts';
import type { Exchange } from './exchange.ts';
import { judgeResponse, noteBody, notePassed } from './judge-response.ts';

/** How the answer ended. */
export type Relayed =
  | { readonly kind: 'complete'; readonly reusable: boolean; readonly clientKeepAlive: boolean }
  | { readonly kind: 'upgraded'; readonly early: Uint8Array }
  /** The client has a part of it. `selfDelimited`: it can tell by itself that something is missing. */
  | { readonly kind: 'cut'; readonly error: ProxyError; readonly selfDelimited: boolean }
  /** The client has seen nothing yet. */
  | { readonly kind: 'nothing'; readonly failure: Failure }
  /** Policy says no to what the answer is, or to its body; `begun`: the client has a part of it. */
  | { readonly kind: 'refused'; readonly begun: boolean };

export interface ClientFacts {
  readonly method: string;
  readonly minor: 0 | 1;
  readonly keepAlive: boolean;
}

/** Early hints, processing and continue together are a handful; each one restarts the wait for the final answer. */
const INTERIM_MAX = 32;

/** How the body goes to the client. */
type Delivery = 'as-is' | 'chunked' | 'until-close';

/** Reads the answer and writes it on as it comes; what arrived together is written together. */
export async function relayResponse(
  context: ProxyContext,
  exchange: Exchange,
  upstream: Upstream,
  client: ClientFacts,
): Promise<Relayed> {
  const { wire } = upstream;
  const relay = new Relay(context, exchange, client);
  const decoder = new ResponseDecoder(context.config.http);
  decoder.begin(client.method);
  let gate: BodyGate | undefined;
  for (;;) {
    const event = decoder.next();
    switch (event.kind) {
      case 'need-data': {
        const written = relay.flush();
        if (written instanceof Promise) await written;
        if (relay.begun) wire.setIdle(context.config.egress.bodyIdleMs);
        const read = wire.read();
        const chunk = read instanceof Promise ? await read : read;
        if (chunk !== undefined) decoder.receive(chunk);
        else if (wire.ended === 'clean') decoder.receiveEnd();
        else return relay.cut(wire.ended);
        continue;
      }
      case 'head': {
        if (event.head.status === 407 && upstream.parent !== undefined) return parentRefused(upstream.parent);
        if (exchange.facts !== undefined && !event.head.informational) {
          const judged = judgeResponse(context, exchange, exchange.facts, event.head);
          ({ gate } = judged);
          if (gate === undefined && judged.decision.decision === 'block') {
            return { kind: 'refused', begun: false };
          }
        }
        relay.head(event.head, gate !== undefined);
        if (relay.interim > INTERIM_MAX) return relay.violation('HTTP1_INTERIM_ENDLESS');
        if (event.head.status !== 101) continue;
        await relay.flush();
        return { kind: 'upgraded', early: decoder.takeBuffered() };
      }
      case 'body':
        if (gate === undefined) relay.body(event.bytes);
        else if (!(await relay.guard(gate, event.bytes))) return relay.refused(gate);
        continue;
      case 'end': {
        if (gate !== undefined) {
          const result = await relay.pass(gate);
          if (result === 'refused') return relay.refused(gate);
          if (result === 'too-long') return tooLong();
        }
        const written = relay.end(event.trailers);
        if (written instanceof Promise) await written;
        wire.setIdle(context.config.egress.responseHeadMs);
        return relay.complete(decoder.hasBuffered);
      }
      case 'violation':
        await relay.flush();
        return relay.violation(event.code);
      case 'closed':
        return relay.cut('clean');
    }
  }
}

/** A parent's challenge is meant for us: the client has no credentials for it, and must not be asked for any. */
function parentRefused(parent: string): Relayed {
  const detail = `the parent proxy ${parent} does not accept the gateway's credentials`;
  return { kind: 'nothing', failure: failure('proxy_configuration_error', detail) };
}

function tooLong(): Relayed {
  const detail = 'the answer is longer than what the gateway can keep until its verdict';
  return { kind: 'nothing', failure: failure('http_response_body_size', detail) };
}

/** So many pieces of a body that was kept are written together; they are good until sixteen more are read. */
const PIECES_TOGETHER = 8;

/** What the client has got so far, and what it gets next. */
class Relay {
  /** The final head is on its way: from here on the client would see a cut. */
  begun = false;
  /** Answers of 1xx before the final one. */
  interim = 0;
  readonly #context: ProxyContext;
  readonly #exchange: Exchange;
  readonly #client: ClientFacts;
  #delivery: Delivery = 'as-is';
  #keepAlive = false;
  #reusable = false;
  #pieces: Uint8Array[] = [];
  /** The final head, while nothing of its body may go on. */
  #held: { readonly status: number; readonly bytes: Uint8Array } | undefined;

  constructor(context: ProxyContext, exchange: Exchange, client: ClientFacts) {
    this.#context = context;
    this.#exchange = exchange;
    this.#client = client;
  }

  head(head: ResponseHead, isGuarded: boolean): void {
    const { minor } = this.#client;
    if (head.informational || head.status === 101) {
      if (head.status === 101) this.#exchange.answered(101);
      this.interim++;
      // RFC 9110 §15.2: a client of HTTP/1.0 knows no 1xx.
      if (minor === 1) this.#pieces.push(this.#encode(head, true));
      return;
    }
    this.#delivery = deliveryOf(head, minor);
    this.#keepAlive = this.#client.keepAlive && this.#delivery !== 'until-close' && !this.#context.draining();
    this.#reusable = head.keepAlive && head.framing.kind !== 'until-close';
    const bytes = this.#encode(head, this.#keepAlive);
    if (isGuarded) this.#held = { status: head.status, bytes };
    else this.#begin(head.status, bytes);
  }

  #begin(status: number, head: Uint8Array): void {
    this.begun = true;
    this.#exchange.answered(status);
    this.#pieces.push(head);
  }

  /** Rules that fitted only now change the head as well, while it is here. */
  #edit({ headDecision, decision }: BodyGate): void {
    if (this.#held === undefined) return;
    const edits = editsOf(laterChanges(headDecision, decision, 'response'), 'response');
    if (edits.drop.size === 0) return;
    const { status, bytes } = this.#held;
    const { fieldsMax } = this.#context.config.http;
    this.#held = { status, bytes: editBlock(bytes, 'response', edits, fieldsMax + FIELDS_OF_OURS) };
  }

  /** Something of a held answer goes on. */
  #open(): void {
    if (this.#held === undefined) return;
    this.#begin(this.#held.status, this.#held.bytes);
    this.#held = undefined;
  }

  /** Passes on what the gate lets through already. False: nothing more of the body is wanted. */
  async guard(gate: BodyGate, bytes: Uint8Array): Promise<boolean> {
    const taken = gate.take(bytes);
    if (taken instanceof Promise) await taken;
    if (gate.isOver) return false;
    const released = gate.released();
    if (released.length === 0) return true;
    this.#open();
    for (const piece of released) this.body(piece);
    await this.flush();
    gate.recycle();
    return true;
  }

  /** The body is whole: the rest of it follows when it may. */
  async pass(gate: BodyGate): Promise<GateResult> {
    const result = await gate.finish();
    if (result !== 'pass') return result;
    notePassed(this.#exchange, gate, this.#held === undefined);
    this.#edit(gate);
    this.#open();
    for await (const piece of gate.rest()) {
      if (piece.length > 0) this.body(piece);
      if (this.#pieces.length >= PIECES_TOGETHER) await this.flush();
    }
    return result;
  }

  refused(gate: BodyGate): Relayed {
    noteBody(this.#exchange, gate);
    return { kind: 'refused', begun: this.begun };
  }

  body(bytes: Uint8Array): void {
    if (this.#delivery === 'chunked') this.#pieces.push(...encodeChunk(bytes));
    else this.#pieces.push(bytes);
  }

  end(trailers: Uint8Array | undefined): MaybePromise<void> {
    if (this.#delivery === 'chunked') this.#pieces.push(encodeLastChunk(trailers));
    return this.flush();
  }

  flush(): MaybePromise<void> {
    const pieces = this.#pieces;
    if (pieces.length === 0) return undefined;
    this.#pieces = [];
    return this.#exchange.wire.writeAll(pieces);
  }

  /** `surplus`: the server sent more than its answer, so its next answer could be taken for another. */
  complete(surplus: boolean): Relayed {
    return { kind: 'complete', reusable: this.#reusable && !surplus, clientKeepAlive: this.#keepAlive };
  }

  violation(code: string): Relayed {
    if (code === 'HTTP1_CUT_BODY' || code === 'HTTP1_CUT_HEAD') return this.cut('clean');
    this.#context.counters.violation('upstream', code);
    return this.#broken('http_protocol_error', `the answer of the server breaks HTTP/1.1 (${code})`);
  }

  cut(end: WireEnd | undefined): Relayed {
    if (end === 'timeout') {
      return this.#broken(
        this.begun ? 'connection_read_timeout' : 'http_response_timeout',
        'the server did not answer in time',
      );
    }
    return this.#broken(
      'http_response_incomplete',
      'the server closed the connection before its answer was complete',
    );
  }

  #broken(error: ProxyError, detail: string): Relayed {
    return this.begun
      ? { kind: 'cut', error, selfDelimited: this.#delivery !== 'until-close' }
      : { kind: 'nothing', failure: failure(error, detail) };
  }

  #encode(head: ResponseHead, keepAlive: boolean): Uint8Array {
    const how = this.#delivery;
    const { drop, add }: Edits = editsOf(this.#exchange.decision, 'response');
    return encodeResponseHead(head, {
      via: this.#context.viaName,
      drop,
      add,
      keepAlive,
      framing: how === 'as-is' ? head.framing : { kind: how },
      minorOfClient: this.#client.minor,
    });
  }
}

/**
 * A body until close becomes chunked for a client that can read it, so that the client's connection
 * stays and a cut is seen; a chunked one becomes until-close for HTTP/1.0.
 */
function deliveryOf(head: ResponseHead, minor: 0 | 1): Delivery {
  switch (head.framing.kind) {
    case 'none':
    case 'length':
      return 'as-is';
    case 'chunked':
    case 'until-close':
      return minor === 1 ? 'chunked' : 'until-close';
  }
}
