import type { MaybePromise } from '../../kernel/index.ts';
import { encodeRequestHead, type RequestDecoder, type RequestHead } from '../../protocols/http1/index.ts';
import {
  type BodyGate,
  editBlock,
  type Edits,
  editsOf,
  FIELDS_OF_OURS,
  laterChanges,
  laterOfBody,
  readableCodings,
} from '../../engines/exchange/index.ts';
import { failure, tunnel, type Failure, type Upstream } from '../../engines/egress/index.ts';
import { answerBlocked, answerFailure } from './answers.ts';
import { bodyFields, closeGates, openGate, waitsForScan } from './body-scan.ts';
import type { ProxyContext } from './context.ts';
import type { After, Exchange } from './exchange.ts';
import { noteBody, noteDecision, noteUploaded } from './judge-response.ts';
import { relayResponse, type Relayed } from './relay.ts';
import { upload, type Upload } from './upload.ts';

/** One plain HTTP exchange: request to the upstream, answer to the client, both streamed. */
export function forward(
  context: ProxyContext,
  exchange: Exchange,
  head: RequestHead,
  decoder: RequestDecoder,
): Promise<After> {
  // Only a decision that is not final asks about bodies.
  if (exchange.facts === undefined) return pass(context, exchange, { head, decoder, gate: undefined });
  return forwardGuarded(context, exchange, head, decoder);
}

async function forwardGuarded(
  context: ProxyContext,
  exchange: Exchange,
  head: RequestHead,
  decoder: RequestDecoder,
): Promise<After> {
  const gate = head.framing.kind === 'none' ? undefined : judgeUpload(context, exchange, head);
  if (gate === 'refused') return blocked(context, exchange, false);
  try {
    return await pass(context, exchange, { head, decoder, gate });
  } finally {
    if (exchange.gates !== undefined) await closeGates(context, exchange);
  }
}

interface Passing {
  readonly head: RequestHead;
  readonly decoder: RequestDecoder;
  /** Before the body of the request. */
  readonly gate: BodyGate | undefined;
}

async function pass(
  context: ProxyContext,
  exchange: Exchange,
  { head, decoder, gate }: Passing,
): Promise<After> {
  const { totalMs, halfClosedMs, responseHeadMs } = context.config.egress;
  const target = { host: exchange.host, port: exchange.port };
  const hasBody = head.framing.kind !== 'none';
  const chunked = head.framing.kind === 'chunked';
  // Who waits for 100 (Continue) gets it from the server, which must have seen the head for that.
  const headWaits = gate !== undefined && context.access.policy.changesRequestsLate && !head.expectContinue;
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
    exchange.reached(upstream);
    exchange.reused = upstream.reused;
    const { wire } = upstream;
    exchange.wire.onClose(() => wire.destroy('reset'));
    exchange.wire.onFin(() => wire.setIdle(halfClosedMs));
    if (totalMs > 0) wire.setDeadline(totalMs);
    // A server that gets no body yet has nothing to say.
    if (gate !== undefined) wire.setIdle(0);
    const encoded = bytes;
    if (!hasBody) void wire.write(encoded);
    const sent = hasBody
      ? upload({
          head: encoded,
          headWaits,
          decoder,
          client: exchange.wire,
          upstream: wire,
          chunked,
          gate,
          onJudged: (hasGone) => {
            wire.setIdle(responseHeadMs);
            return judgedHead(context, exchange, gate!, { encoded, hasGone });
          },
        })
      : undefined;
    const relayed = await relayResponse(context, exchange, upstream, client);
    exchange.wire.onClose(undefined);
    exchange.wire.onFin(undefined);
    if (totalMs > 0) wire.setDeadline(0);
    const isStale = relayed.kind === 'nothing' && upstream.reused && exchange.gates === undefined;
    if (isStale && repeatable && exchange.wire.ended === undefined) {
      wire.destroy();
      upstream = await context.egress.request(target, true);
      continue;
    }
    return conclude(context, exchange, {
      upstream,
      relayed,
      sent,
      gate,
      keepAlive: client.keepAlive,
      decoder,
    });
  }
}

/** The head of a request whose body may go on, with what rules want of it that fitted only now. */
function judgedHead(
  context: ProxyContext,
  exchange: Exchange,
  gate: BodyGate,
  { encoded, hasGone }: { readonly encoded: Uint8Array; readonly hasGone: boolean },
): Uint8Array {
  noteUploaded(exchange, gate, hasGone);
  const edits = editsOf(laterChanges(gate.headDecision, gate.decision, 'request'), 'request');
  if (hasGone || edits.drop.size === 0) return encoded;
  return editBlock(encoded, 'request', edits, context.config.http.fieldsMax + FIELDS_OF_OURS);
}

/** Asks about the body of the request before anything of it goes on. */
function judgeUpload(
  context: ProxyContext,
  exchange: Exchange,
  { fields }: RequestHead,
): BodyGate | 'refused' | undefined {
  if (exchange.facts === undefined || !waitsForScan(exchange.decision)) return undefined;
  // The answer may come before the body is whole, and then both are judged side by side.
  const facts = exchange.facts.copy();
  facts.later = laterOfBody(facts.bytes);
  const decision = context.access.decide(facts, 'request-body');
  const body = bodyFields(fields);
  const gate = openGate(context, exchange, facts, { phase: 'request-body', decision, fields: body });
  if (gate !== undefined || decision.decision === 'allow') return gate;
  noteDecision(exchange, decision);
  return 'refused';
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
  const { drop, add } = requestEdits(exchange, head);
  return encodeRequestHead(head, {
    form: upstream.parent === undefined ? 'origin' : 'absolute',
    via: context.viaName,
    drop: hops === undefined ? drop : new Set([...drop, 'max-forwards']),
    add: upstream.parentFields + forwards + add,
    keepAlive: true,
  });
}

/** A part of a file, and a coding that no scan reads, cannot be looked at: where a rule wants that, neither is asked for. */
function requestEdits({ decision }: Exchange, { fields }: RequestHead): Edits {
  const edits = editsOf(decision, 'request');
  if (!waitsForScan(decision)) return edits;
  const drop = new Set([...edits.drop, 'range', 'if-range']);
  if (drop.has('accept-encoding')) return { drop, add: edits.add };
  drop.add('accept-encoding');
  const codings = readableCodings(fields.all('accept-encoding').join(','));
  return { drop, add: `${edits.add}Accept-Encoding: ${codings}\r\n` };
}

interface Outcome<How extends Relayed = Relayed> {
  readonly upstream: Upstream;
  readonly relayed: How;
  readonly sent: Upload | undefined;
  readonly gate: BodyGate | undefined;
  readonly keepAlive: boolean;
  readonly decoder: RequestDecoder;
}

/** The answer is over, in one way or another: what becomes of the two connections. */
function conclude(
  context: ProxyContext,
  exchange: Exchange,
  { upstream, relayed, sent, gate, keepAlive, decoder }: Outcome,
): MaybePromise<After> {
  if (relayed.kind !== 'complete') {
    return concludeOtherwise(context, exchange, { upstream, relayed, sent, gate, keepAlive, decoder });
  }
  const uploaded = sent === undefined || sent.state === 'complete';
  if (relayed.reusable && uploaded) context.egress.release(upstream);
  else upstream.wire.destroy();
  exchange.finish('forwarded');
  return relayed.clientKeepAlive && uploaded ? 'next' : 'close';
}

async function concludeOtherwise(
  context: ProxyContext,
  exchange: Exchange,
  { upstream, relayed, sent, gate, keepAlive, decoder }: Outcome<Exclude<Relayed, { kind: 'complete' }>>,
): Promise<After> {
  const { wire } = upstream;
  switch (relayed.kind) {
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
      if (gate !== undefined && sent?.refused === 'by-policy') noteBody(exchange, gate);
      exchange.error = relayed.error;
      wire.destroy();
      // The client must not take what it has for the whole: no last chunk, fewer bytes than announced, or a reset.
      exchange.wire.destroy(relayed.selfDelimited ? undefined : 'reset');
      exchange.finish('failed');
      return 'close';
    case 'refused':
      // The body of the answer is not wanted, and a request body may still be on its way.
      wire.destroy('reset');
      if (relayed.begun) return cutByVerdict(exchange);
      return blocked(context, exchange, keepAlive && sent === undefined && !context.draining());
    case 'nothing': {
      wire.destroy();
      if (exchange.wire.ended !== undefined && exchange.wire.ended !== 'clean') {
        exchange.error = 'connection_terminated';
        exchange.finish('failed');
        return 'close';
      }
      if (gate !== undefined && sent?.refused === 'by-policy') {
        noteBody(exchange, gate);
        return blocked(context, exchange, false);
      }
      if (sent?.refused === 'too-long') return failed(context, exchange, NOT_KEPT, false);
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

const NOT_KEPT = failure(
  'http_request_error',
  'the request body is longer than what the gateway can keep until its verdict',
);

/** The client must not take what it has for the whole. */
function cutByVerdict(exchange: Exchange): After {
  exchange.error = 'http_request_denied';
  exchange.wire.destroy('reset');
  exchange.finish('blocked');
  return 'close';
}

/** The page of the refusal in place of the answer. */
async function blocked(context: ProxyContext, exchange: Exchange, goesOn: boolean): Promise<After> {
  const { decision } = exchange;
  if (decision !== undefined) await answerBlocked(context, exchange, decision, goesOn);
  exchange.finish('blocked');
  return goesOn ? 'next' : 'close';
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
