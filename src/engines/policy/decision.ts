import type { Decision, Match } from '../../kernel/index.ts';
import type { Fact } from './facts.ts';

/** A field that the door sets or takes out before it passes a message on. */
export interface HeaderChange {
  readonly message: 'request' | 'response';
  readonly op: 'set' | 'remove';
  /** As it is written; names compare in any case. */
  readonly name: string;
  /** Empty for `remove`. */
  readonly value: string;
}

/** At most `burst` at once and `perSecond` on average, of each source or user. */
export interface RateLimit {
  readonly rule: string;
  readonly perSecond: number;
  readonly burst: number;
  readonly by: 'source' | 'user';
}

/** What the operator wants on the page of a refusal, where it differs from ours. */
export interface Page {
  readonly status: number | undefined;
  readonly title: string | undefined;
  readonly text: string | undefined;
}

export type LogDetail = 'none' | 'normal' | 'full';

/** What policy does about an exchange, and everything that its rules want done besides. */
export interface PolicyDecision extends Decision {
  /** `warn`: refused with a page from which a person may go on. */
  readonly action: 'allow' | 'block' | 'warn';
  /** Non-empty: provisional, because a rule above waits for these. */
  readonly needs: readonly Fact[];
  /** Name of the profile that a rule wants a body scanned by; `undefined`: the door has its own. */
  readonly scan: string | undefined;
  readonly changes: readonly HeaderChange[];
  readonly rates: readonly RateLimit[];
  readonly log: LogDetail;
  /** Rules that only watch. */
  readonly monitored: readonly string[];
  readonly quarantine: boolean;
  readonly page: Page | undefined;
  /** Line of the rule in the document; `undefined` for what is built in. */
  readonly line: number | undefined;
  /** A rate is used up: when to come again. */
  readonly retryAfterS: number | undefined;
}

const NOTHING: readonly never[] = Object.freeze([]);

/** A decision with nothing besides. */
export function plain(
  decision: 'allow' | 'block',
  rule: string,
  reasons: readonly string[],
  match?: Match,
): PolicyDecision {
  return {
    decision,
    action: decision,
    rule,
    reasons,
    match,
    needs: NOTHING,
    scan: undefined,
    changes: NOTHING,
    rates: NOTHING,
    log: 'normal',
    monitored: NOTHING,
    quarantine: false,
    page: undefined,
    line: undefined,
    retryAfterS: undefined,
  };
}

export function block(rule: string, ...reasons: readonly string[]): PolicyDecision {
  return plain('block', rule, reasons);
}

export function allow(rule: string, ...reasons: readonly string[]): PolicyDecision {
  return plain('allow', rule, reasons);
}
