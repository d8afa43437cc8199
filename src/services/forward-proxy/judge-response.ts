import type { ExchangeFacts } from '../../engines/exchange/index.ts';
import type { PolicyDecision } from '../../engines/policy/index.ts';
import type { AccessDetail } from '../../engines/telemetry/index.ts';
import type { ResponseHead } from '../../protocols/http1/index.ts';
import type { ProxyContext } from './context.ts';
import type { Exchange } from './exchange.ts';

const NO_DETAIL: AccessDetail = {
  monitored: [],
  userAgent: undefined,
  referrer: undefined,
  mediaType: undefined,
};

/** Asks the policy again, now that it is known what the answer is. Only for requests whose decision waits for that. */
export function judgeResponse(
  context: ProxyContext,
  exchange: Exchange,
  facts: ExchangeFacts,
  head: ResponseHead,
): PolicyDecision {
  // Its body is passed on unread: a length that is not announced stays unknown.
  facts.later = 0;
  facts.answered(head.status, head.fields, head.contentLength);
  const decision = context.access.decide(facts, 'response');
  exchange.facts = undefined;
  exchange.decision = decision;
  if (decision.monitored.length > 0) {
    exchange.detail = { ...(exchange.detail ?? NO_DETAIL), monitored: decision.monitored };
  }
  return decision;
}
