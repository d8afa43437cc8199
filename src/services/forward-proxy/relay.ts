import {
  encodeChunk,
  encodeLastChunk,
  encodeResponseHead,
  ResponseDecoder,
  type ResponseHead,
} from '../../protocols/http1/index.ts';
import { failure, type Failure, type ProxyError, type Upstream } from '../../engines/egress/index.ts';
import type { ProxyContext } from './context.ts';
import type { Exchange } from './exchange.ts';

/** How the answer ended. */
export type Relayed =
  | { readonly kind: 'complete'; readonly reusable: boolean; readonly clientKeepAlive: boolean }
  | { readonly kind: 'upgraded'; readonly early: Uint8Array }
  /** The client has a part of it. `selfDelimited`: it can tell by itself that something is missing. */
  | { readonly kind: 'cut'; readonly error: ProxyError; readonly selfDelimited: boolean }
  /** The client has seen nothing yet. */
  | { readonly kind: 'nothing'; readonly failure: Failure };

export interface ClientFacts {
  readonly method: string;
  readonly minor: 0 | 1;
  readonly keepAlive: boolean;
}

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
  const decoder = new ResponseDecoder(context.config.http);
  decoder.begin(client.method);
  let head: ResponseHead | undefined;
  let delivery: Delivery = 'as-is';
  let keepAlive = false;
  let reusable = false;
  let pieces: Uint8Array[] = [];
  for (;;) {
    const event = decoder.next();
    switch (event.kind) {
      case 'need-data': {
        if (pieces.length > 0) {
          const written = exchange.wire.writeAll(pieces);
          pieces = [];
          if (written instanceof Promise) await written;
        }
        if (head !== undefined) wire.setIdle(context.config.egress.bodyIdleMs);
        const read = wire.read();
        const chunk = read instanceof Promise ? await read : read;
        if (chunk !== undefined) decoder.receive(chunk);
        else if (wire.ended === 'clean') decoder.receiveEnd();
        else return ended(head === undefined ? undefined : delivery, wire.ended);
        continue;
      }
      case 'head': {
        if (event.head.status === 101) {
          exchange.answered(101);
          await exchange.wire.write(encode(event.head, 'as-is', true));
          return { kind: 'upgraded', early: decoder.takeBuffered() };
        }
        if (event.head.informational) {
          // RFC 9110 §15.2: a client of HTTP/1.0 knows no 1xx.
          if (client.minor === 1) pieces.push(encode(event.head, 'as-is', true));
          continue;
        }
        head = event.head;
        delivery = deliveryOf(head, client.minor);
        keepAlive = client.keepAlive && delivery !== 'until-close' && !context.draining();
        reusable = head.keepAlive && head.framing.kind !== 'until-close';
        exchange.answered(head.status);
        pieces.push(encode(head, delivery, keepAlive));
        continue;
      }
      case 'body':
        if (delivery === 'chunked') pieces.push(...encodeChunk(event.bytes));
        else pieces.push(event.bytes);
        continue;
      case 'end': {
        if (delivery === 'chunked') pieces.push(encodeLastChunk(event.trailers));
        const written = pieces.length > 0 ? exchange.wire.writeAll(pieces) : undefined;
        if (written instanceof Promise) await written;
        wire.setIdle(context.config.egress.responseHeadMs);
        return { kind: 'complete', reusable: reusable && !decoder.hasBuffered, clientKeepAlive: keepAlive };
      }
      case 'violation': {
        if (pieces.length > 0) await exchange.wire.writeAll(pieces);
        if (event.code === 'HTTP1_CUT_BODY' || event.code === 'HTTP1_CUT_HEAD') {
          return ended(head === undefined ? undefined : delivery, 'clean');
        }
        context.counters.violation('upstream', event.code);
        return head === undefined
          ? nothing('http_protocol_error', `the answer of the server breaks HTTP/1.1 (${event.code})`)
          : { kind: 'cut', error: 'http_protocol_error', selfDelimited: delivery !== 'until-close' };
      }
      case 'closed':
        return ended(undefined, 'clean');
    }
  }

  function encode(response: ResponseHead, how: Delivery, goesOn: boolean): Uint8Array {
    return encodeResponseHead(response, {
      via: context.viaName,
      drop: NONE,
      add: '',
      keepAlive: goesOn,
      framing: how === 'as-is' ? response.framing : { kind: how },
      minorOfClient: client.minor,
    });
  }
}

const NONE: ReadonlySet<string> = new Set();

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

function ended(delivery: Delivery | undefined, end: string | undefined): Relayed {
  const timeout = end === 'timeout';
  if (delivery !== undefined) {
    const error = timeout ? 'connection_read_timeout' : 'http_response_incomplete';
    return { kind: 'cut', error, selfDelimited: delivery !== 'until-close' };
  }
  return timeout
    ? nothing('http_response_timeout', 'the server did not answer in time')
    : nothing('http_response_incomplete', 'the server closed the connection before its answer was complete');
}

function nothing(error: ProxyError, detail: string): Relayed {
  return { kind: 'nothing', failure: failure(error, detail) };
}
