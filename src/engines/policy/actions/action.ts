import type { HeaderChange, LogDetail, PolicyDecision, RateLimit } from '../decision.ts';
import type { Actions, RuleDocument } from '../document.ts';

/** What modifying actions have collected on the way to the deciding one. The first rule that says something wins. */
export interface Effects {
  scan: string | undefined;
  readonly changes: HeaderChange[];
  readonly rates: RateLimit[];
  log: LogDetail | undefined;
  readonly monitored: string[];
  quarantine: boolean;
}

type ActionName = keyof Actions;

interface Described<N extends ActionName> {
  readonly name: N;
  /** For the reference: a sentence. */
  readonly about: string;
  /** For the reference and the tests: a value as YAML. */
  readonly example: string;
}

/** Ends the list. */
export interface DecidingAction<N extends ActionName = ActionName> extends Described<N> {
  readonly kind: 'deciding';
  decide(rule: RuleDocument, value: NonNullable<Actions[N]>): PolicyDecision;
}

/** Is collected, and the list goes on. */
export interface ModifyingAction<N extends ActionName = ActionName> extends Described<N> {
  readonly kind: 'modifying';
  collect(effects: Effects, rule: RuleDocument, value: NonNullable<Actions[N]>): void;
}

export function noEffects(): Effects {
  return { scan: undefined, changes: [], rates: [], log: undefined, monitored: [], quarantine: false };
}

export function ruleSentence(rule: RuleDocument, verb: string): string {
  const note = rule.note === '' ? '' : `: ${rule.note}`;
  return `rule ${rule.name} of the policy (line ${rule.line}) ${verb} it${note}`;
}
