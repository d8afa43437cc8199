import type { PolicyDecision } from '../decision.ts';
import type { PolicyFacts } from '../facts.ts';

/** A rule that is always there. Its name is stable: it stands in logs, block pages and `explain`. */
export interface BuiltInRule {
  readonly name: string;
  /** The decision, or `undefined`: the next rule is asked. Allocates nothing when it does not match. */
  decide(facts: PolicyFacts): PolicyDecision | undefined;
  /** Why it did not match, in words. */
  whyNot(facts: PolicyFacts): string;
}

/** Names that no rule of a document may have. */
export const BUILT_IN_NAMES: ReadonlySet<string> = new Set([
  'source-networks',
  'connect-ports',
  'http-ports',
  'destination-address',
  'allow-list',
  'file-malicious',
  'file-incomplete',
  'local-allow',
  'local-block',
  'feed-block',
  'feed-allow',
  'default-allow',
  'default-block',
]);
