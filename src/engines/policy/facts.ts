import type { Decision, Verdict } from '../../kernel/index.ts';

/** What is known about one request when the policy is asked. */
export interface AccessFacts {
  /** Address of the client. */
  readonly source: string;
  readonly user: string | undefined;
  /** `CONNECT` for a tunnel. */
  readonly method: string;
  /** Lower case; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** What the lists say; asked once, and only by the rules that need it. */
  verdict(): Verdict;
}

/** One condition with its outcome. Small files in `rules/`, asked in the order of `web-access.ts`. */
export interface AccessRule {
  /** Stable: stands in logs, block pages and `explain`. */
  readonly name: string;
  /** The decision, or `undefined`: the next rule is asked. Allocates nothing when it does not match. */
  decide(facts: AccessFacts): Decision | undefined;
  /** Why it did not match, in words. */
  whyNot(facts: AccessFacts): string;
}

export function block(rule: string, ...reasons: readonly string[]): Decision {
  return { decision: 'block', rule, reasons, match: undefined };
}

export function allow(rule: string, ...reasons: readonly string[]): Decision {
  return { decision: 'allow', rule, reasons, match: undefined };
}
