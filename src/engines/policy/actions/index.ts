import type { PolicyDecision } from '../decision.ts';
import type { RuleDocument } from '../document.ts';
import { type DecidingAction, type Effects, type ModifyingAction, noEffects } from './action.ts';
import { allow } from './allow.ts';
import { block } from './block.ts';
import { headers } from './headers.ts';
import { log } from './log.ts';
import { monitor } from './monitor.ts';
import { quarantine } from './quarantine.ts';
import { rate } from './rate.ts';
import { scan } from './scan.ts';
import { warn } from './warn.ts';

export { type Effects, noEffects } from './action.ts';

/** Everything that a rule can do, in the order of the reference. */
export const ACTIONS = [allow, block, warn, monitor, scan, headers, rate, log, quarantine] as const;
export const DECIDING_NAMES = ['allow', 'block', 'warn'] as const;

/** The decision of a rule; `undefined`: it only modifies. */
export function outcomeOf(rule: RuleDocument): PolicyDecision | undefined {
  for (const action of ACTIONS) {
    const value = rule.then[action.name];
    // The action and its value stand under the same name.
    if (value !== undefined && action.kind === 'deciding')
      return (action as DecidingAction).decide(rule, value);
  }
  return undefined;
}

/** What a rule adds to a decision; `undefined`: nothing. */
export function effectsOf(rule: RuleDocument): Effects | undefined {
  const effects = noEffects();
  let found = false;
  for (const action of ACTIONS) {
    const value = rule.then[action.name];
    if (value === undefined || action.kind !== 'modifying') continue;
    (action as ModifyingAction).collect(effects, rule, value);
    found = true;
  }
  return found ? effects : undefined;
}
