import { type BodyGate, type ExchangeFacts, laterOfBody } from '../../engines/exchange/index.ts';
import type { PolicyDecision } from '../../engines/policy/index.ts';
import type { AccessDetail } from '../../engines/telemetry/index.ts';
import type { ResponseHead } from '../../protocols/http1/index.ts';
import { openGate } from './body-scan.ts';
import type { ProxyContext } from './context.ts';
import type { Exchange } from './exchange.ts';

const NO_DETAIL: AccessDetail = {
  monitored: [],
  userAgent: undefined,
  referrer: undefined,
  mediaType: undefined,
};

/** What the head of the answer says, and the gate before its body where a rule wants that looked at. */
export interface JudgedResponse {
  readonly decision: PolicyDecision;
  readonly gate: BodyGate | undefined;
}

/** Asks the policy again, now that it is known what the answer is. Only for requests whose decision waits for that. */
export function judgeResponse(
  context: ProxyContext,
  exchange: Exchange,
  facts: ExchangeFacts,
  head: ResponseHead,
): JudgedResponse {
  // A length that is not announced stays unknown: it alone is no reason to hold a body.
  facts.later = head.framing.kind === 'none' ? 0 : laterOfBody(0);
  facts.answered(head.status, head.fields, head.contentLength);
  const decision = context.access.decide(facts, 'response');
  exchange.facts = undefined;
  noteDecision(exchange, decision);
  if (decision.needs.length === 0) return { decision, gate: undefined };
  // The head is gone with the next read.
  facts.keepResponse(context.access.policy.responseFields);
  const mediaType = facts.responseField('content-type');
  const gate = openGate(context, exchange, facts, { phase: 'response-body', decision, mediaType });
  // The client has nothing to say while its answer is held; the server and the scan have bounds of their own.
  if (gate !== undefined) exchange.wire.setIdle(0);
  return { decision, gate };
}

export function noteDecision(exchange: Exchange, decision: PolicyDecision): void {
  exchange.decision = decision;
  if (decision.monitored.length > 0) {
    exchange.detail = { ...(exchange.detail ?? NO_DETAIL), monitored: decision.monitored };
  }
}
