import { encodeRequestHead, type RequestDecoder, type RequestHead } from '../../protocols/http1/index.ts';
import { failure, tunnel, type Failure, type Upstream } from '../../engines/egress/index.ts';
import { answerBlocked, answerFailure } from './answers.ts';
import type { ProxyContext } from './context.ts';
import { editsOf } from './edits.ts';
import type { After, Exchange } from './exchange.ts';
import { relayResponse, type Relayed } from './relay.ts';
import { upload, type Upload } from './upload.ts';

/** One plain HTTP exchange: request to the upstream, answer to the client, both streamed. */
export async function forward(
  context: ProxyContext,
  exchange: Exchange,
  head: RequestHead,
  decoder: RequestDecoder,
): Promise<After> {
  const { totalMs, halfClosedMs } = context.config.egress;
  const target = { host: exchange.host, port: exchange.port };
  const hasBody = head.framing.kind !== 'none';
  const chunked = head.framing.kind === 'chunked';
  // RFC 9110 §9.2.2: what is safe to repeat when an idle connection turns out to be dead.
  const repeatable = !hasBody && REPEATABLE.has(head.method);
  const client = { method: head.method, minor: head.minor, keepAlive: head.keepAlive };
  const asked = context.egress.request(target);
  let upstream = asked instanceof Promise ? await asked : asked;
  let head_: RequestHead | undefined = head;
  let bytes: Uint8Array | undefined;
  for (;;) {
    if (upstream.kind === 'failure') return failed(context, exchange, upstream, client.keepAlive && !hasBody);
    bytes ??= encode(context, exchange, head_, upstream);
    head_ = undefined; // its bytes may be overwritten from the first read on
    exchange.upstream = upstream.parent ?? `${upstream.wire.peerAddress}:${upstream.wire.peerPort}`;
    exchange.reused = upstream.reused;
    exchange.connectMs = upstream.connectMs;
    const { wire } = upstream;
    exchange.wire.onClose(() => wire.destroy('reset'));
    exchange.wire.onFin(() => wire.setIdle(halfClosedMs));
    if (totalMs > 0) wire.setDeadline(totalMs);
    void wire.write(bytes);
    const sent = hasBody ? upload(decoder, exchange.wire, wire, chunked) : undefined;
    const relayed = await relayResponse(context, exchange, upstream, client);
    exchange.wire.onClose(undefined);
    exchange.wire.onFin(undefined);
    if (totalMs > 0) wire.setDeadline(0);
    if (relayed.kind === 'nothing' && upstream.reused && repeatable && exchange.wire.ended === undefined) {
      wire.destroy();
      upstream = await context.egress.request(target, true);
      continue;
    }
    return conclude(context, exchange, { upstream, relayed, sent, keepAlive: client.keepAlive, decoder });
  }
}

const REPEATABLE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

function encode(
  context: ProxyContext,
  exchange: Exchange,
  head: RequestHead | undefined,
  upstream: Upstream,
): Uint8Array {
  if (head === undefined) throw new TypeError('the request head was encoded before');
  const hops = head.method === 'OPTIONS' ? head.fields.get('max-forwards') : undefined;
  const forwards =
    hops === undefined ? '' : `Max-Forwards: ${Math.max(Number.parseInt(hops, 10) - 1, 0) || 0}\r\n`;
  const { drop, add } = editsOf(exchange.decision, 'request');
  return encodeRequestHead(head, {
    form: upstream.parent === undefined ? 'origin' : 'absolute',
    via: context.viaName,
    drop: hops === undefined ? drop : new Set([...drop, 'max-forwards']),
    add: upstream.parentFields + forwards + add,
    keepAlive: true,
  });
}

interface Outcome {
  readonly upstream: Upstream;
  readonly relayed: Relayed;
  readonly sent: Upload | undefined;
  readonly keepAlive: boolean;
  readonly decoder: RequestDecoder;
}

/** The answer is over, in one way or another: what becomes of the two connections. */
async function conclude(
  context: ProxyContext,
  exchange: Exchange,
  { upstream, relayed, sent, keepAlive, decoder }: Outcome,
): Promise<After> {
  const { wire } = upstream;
  switch (relayed.kind) {
    case 'complete': {
      const uploaded = sent === undefined || sent.state === 'complete';
      if (relayed.reusable && uploaded) context.egress.release(upstream);
      else wire.destroy();
      exchange.finish('forwarded');
      return relayed.clientKeepAlive && uploaded ? 'next' : 'close';
    }
    case 'upgraded':
      await tunnel(
        exchange.wire,
        { ...upstream, early: relayed.early },
        decoder.takeBuffered(),
        context.config.egress,
        () => exchange.finish('tunnelled'),
      );
      return 'detached';
    case 'cut':
      exchange.error = relayed.error;
      wire.destroy();
      // The client must not take what it has for the whole: no last chunk, fewer bytes than announced, or a reset.
      exchange.wire.destroy(relayed.selfDelimited ? undefined : 'reset');
      exchange.finish('failed');
      return 'close';
    case 'refused': {
      // The body of the answer is not wanted, and a request body may still be on its way.
      wire.destroy('reset');
      const goesOn = keepAlive && sent === undefined && !context.draining();
      await answerBlocked(context, exchange, relayed.decision, goesOn);
      exchange.finish('blocked');
      return goesOn ? 'next' : 'close';
    }
    case 'nothing': {
      wire.destroy();
      if (exchange.wire.ended !== undefined && exchange.wire.ended !== 'clean') {
        exchange.error = 'connection_terminated';
        exchange.finish('failed');
        return 'close';
      }
      const bad = sent?.violation;
      if (bad !== undefined) context.counters.violation('client', bad);
      const why =
        bad === undefined
          ? relayed.failure
          : failure('http_request_error', 'the request body breaks HTTP/1.1');
      return failed(context, exchange, why, keepAlive && sent === undefined);
    }
  }
}

async function failed(
  context: ProxyContext,
  exchange: Exchange,
  why: Failure,
  keepAlive: boolean,
): Promise<After> {
  const goesOn = keepAlive && !context.draining();
  await answerFailure(context, exchange, why, goesOn);
  exchange.finish('failed');
  return goesOn ? 'next' : 'close';
}
