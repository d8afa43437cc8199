import {
  type BodyGate,
  type ExchangeFacts,
  laterChanges,
  LATE_REASON,
  laterOfBody,
  saidLate,
} from '../../engines/exchange/index.ts';
import type { PolicyDecision } from '../../engines/policy/index.ts';
import type { AccessDetail } from '../../engines/telemetry/index.ts';
import type { ResponseHead } from '../../protocols/http1/index.ts';
import { bodyFields, openGate } from './body-scan.ts';
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
  const fields = bodyFields(head.fields);
  // The head is gone with the next read.
  facts.keepResponse(context.access.policy.responseFields);
  const gate = openGate(context, exchange, facts, { phase: 'response-body', decision, fields });
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

/** The body of an answer may pass: its decision, with what rules that fitted only now want of head and log. */
export function notePassed(exchange: Exchange, gate: BodyGate, hasGone: boolean): void {
  const { headDecision, decision } = gate;
  const late = laterChanges(headDecision, decision, 'request').changes;
  const ofAnswer = hasGone ? laterChanges(headDecision, decision, 'response').changes : [];
  const said = saidLate(decision, { changes: [...late, ...ofAnswer] });
  noteDecision(exchange, said);
  noteLate(exchange, gate, said);
}

/** The body of a request may go on. Its decision is not the last one: the answer is still to come. */
export function noteUploaded(exchange: Exchange, gate: BodyGate, hasGone: boolean): void {
  const { headDecision, decision } = gate;
  const late = hasGone ? laterChanges(headDecision, decision, 'request').changes : [];
  noteLate(exchange, gate, saidLate(decision, { changes: late }));
}

function noteLate(exchange: Exchange, gate: BodyGate, said: PolicyDecision): void {
  const { notes } = exchange;
  if (said.reasons.includes(LATE_REASON)) {
    exchange.detail = { ...(exchange.detail ?? NO_DETAIL), unchanged: said.reasons.at(-1) };
  }
  if (said.log !== 'full') return;
  const mediaType = exchange.gates?.find((opened) => opened.gate === gate)?.mediaType;
  const full = { userAgent: notes?.agent, referrer: notes?.referrer, mediaType };
  exchange.detail = {
    ...NO_DETAIL,
    ...full,
    ...withoutUndefined(exchange.detail),
    monitored: said.monitored,
  };
}

function withoutUndefined(detail: AccessDetail | undefined): Partial<AccessDetail> {
  return Object.fromEntries(Object.entries(detail ?? {}).filter(([, value]) => value !== undefined));
}

/** What was found out about a body that is refused. */
export function noteBody(exchange: Exchange, gate: BodyGate): void {
  noteDecision(exchange, gate.decision);
  exchange.file = gate.file;
  exchange.fileName = exchange.gates?.find((opened) => opened.gate === gate)?.name;
}
