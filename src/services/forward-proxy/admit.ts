import type { MaybePromise } from '../../kernel/index.ts';
import { canonicalUrlOf, type CanonicalUrl } from '../../protocols/url/index.ts';
import type { RequestHead } from '../../protocols/http1/index.ts';
import type { AuthResult } from '../../engines/identity/index.ts';
import type { AccessDetail } from '../../engines/telemetry/index.ts';
import { ExchangeFacts, isTold, laterOf, requestNotes } from '../../engines/exchange/index.ts';
import { CONTINUE_PATH, type PolicyDecision } from '../../engines/policy/index.ts';
import { answerBlocked, answerRejected, answerUnauthenticated } from './answers.ts';
import { goOn } from './go-on.ts';
import type { ProxyContext } from './context.ts';
import type { After, Exchange } from './exchange.ts';

/**
 * Everything that is decided before a connection is opened: is it a request for a proxy, who asks, and
 * may they. `undefined`: go on. Otherwise it has been answered.
 */
export function admit(
  context: ProxyContext,
  exchange: Exchange,
  head: RequestHead,
): MaybePromise<After | undefined> {
  const misplaced = misplacedRequest(context, head);
  if (misplaced !== undefined) {
    if (misplaced.status === 508) exchange.error = 'proxy_loop_detected';
    return finished(exchange, 'rejected', answerRejected(context, exchange, misplaced), 'close');
  }
  if (context.config.forwardProxy.auth === 'none') return decide(context, exchange, head);
  const result = context.identity.authenticate(
    head.fields.get('proxy-authorization'),
    exchange.wire.peerAddress,
    'proxy',
  );
  return result instanceof Promise
    ? result.then((known) => authenticated(context, exchange, head, known))
    : authenticated(context, exchange, head, result);
}

function authenticated(
  context: ProxyContext,
  exchange: Exchange,
  head: RequestHead,
  result: AuthResult,
): MaybePromise<After | undefined> {
  if (result.ok) {
    exchange.user = result.user;
    return decide(context, exchange, head);
  }
  const after = afterAnswer(context, head);
  const answered = answerUnauthenticated(context, exchange, result.reason, after === 'next');
  return finished(exchange, 'unauthenticated', answered, after);
}

function decide(
  context: ProxyContext,
  exchange: Exchange,
  head: RequestHead,
): MaybePromise<After | undefined> {
  const { method } = exchange;
  const connect = method === 'CONNECT';
  const url = urlOf(connect ? 'https' : 'http', exchange, connect ? '/' : head.path);
  if (url === undefined) {
    // What the lists cannot read must not pass by them.
    return finished(exchange, 'rejected', answerRejected(context, exchange, UNREADABLE), 'close');
  }
  const { framing } = head;
  const facts = new ExchangeFacts({
    door: 'forward-proxy',
    source: exchange.wire.peerAddress,
    user: exchange.user,
    nowMs: exchange.timeMs,
    method,
    url,
    fields: head.fields,
    verdicts: context.verdicts,
    bytes: framing.kind === 'length' ? framing.length : undefined,
    later: laterOf('forward-proxy', method),
  });
  const asked = facts.prepare();
  return asked === undefined
    ? judge(context, exchange, head, facts)
    : asked.then(() => judge(context, exchange, head, facts));
}

function judge(
  context: ProxyContext,
  exchange: Exchange,
  head: RequestHead,
  facts: ExchangeFacts,
): MaybePromise<After | undefined> {
  if (exchange.method !== 'CONNECT' && head.path.startsWith(CONTINUE_PATH)) {
    const gone = goOn(context, exchange, facts, head.path);
    if (gone !== undefined) return finished(exchange, 'continued', gone, 'close');
  }
  const decision = context.access.decide(facts);
  exchange.decision = decision;
  if (isTold(decision, context.config.events.allows)) exchange.notes = requestNotes(facts);
  if (decision.log === 'full' || decision.monitored.length > 0) exchange.detail = detailOf(decision, head);
  if (decision.needs.length > 0) {
    facts.keep(context.access.policy.requestFields);
    exchange.facts = facts;
    return undefined;
  }
  if (decision.decision === 'allow') return undefined;
  const after = afterAnswer(context, head);
  return finished(exchange, 'blocked', answerBlocked(context, exchange, decision, after === 'next'), after);
}

function detailOf({ log, monitored }: PolicyDecision, { fields }: RequestHead): AccessDetail {
  const full = log === 'full';
  return {
    monitored,
    userAgent: full ? fields.get('user-agent') : undefined,
    referrer: full ? fields.get('referer') : undefined,
    mediaType: full ? fields.get('content-type') : undefined,
  };
}

/** Lists write IPv6 hosts in brackets, as URLs do. */
function urlOf(scheme: string, { host, port }: Exchange, path: string): CanonicalUrl | undefined {
  return canonicalUrlOf(scheme, host.includes(':') ? `[${host}]` : host, port, path);
}

const UNREADABLE = {
  status: 400,
  code: 'PROXY_BAD_HOST',
  detail: 'The host name of the request is none that can be looked up.',
};

/** Our own answer keeps the connection unless a body follows that nobody wants. */
function afterAnswer(context: ProxyContext, head: RequestHead): After {
  return head.keepAlive && head.framing.kind === 'none' && !context.draining() ? 'next' : 'close';
}

function finished(
  exchange: Exchange,
  result: 'blocked' | 'continued' | 'unauthenticated' | 'rejected',
  answered: MaybePromise<void>,
  after: After,
): MaybePromise<After> {
  exchange.finish(result);
  return answered instanceof Promise ? answered.then(() => after) : after;
}

function misplacedRequest(
  context: ProxyContext,
  head: RequestHead,
): { status: number; code: string; detail: string } | undefined {
  if (head.form === 'origin' || head.form === 'asterisk') {
    return {
      status: 400,
      code: 'PROXY_ORIGIN_FORM',
      detail:
        'This port is a forward proxy: set it as HTTP proxy of your program; it does not serve pages of its own.',
    };
  }
  if (head.scheme === 'https') {
    return {
      status: 400,
      code: 'PROXY_HTTPS_WITHOUT_CONNECT',
      detail:
        'https URLs go through the proxy by CONNECT, so that the connection stays encrypted to the site.',
    };
  }
  if (head.method === 'TRACE') {
    return {
      status: 405,
      code: 'PROXY_TRACE',
      detail: 'TRACE is refused: it would show credentials of the request to scripts.',
    };
  }
  if (head.fields.has('via') && head.fields.all('via').some((via) => via.includes(context.viaName))) {
    return {
      status: 508,
      code: 'PROXY_LOOP',
      detail: 'The request has been through this proxy before: two proxies name each other as the next.',
    };
  }
  return undefined;
}
