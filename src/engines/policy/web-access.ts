import type { Decision, Explanation, Tried } from '../../kernel/index.ts';
import { allow, type AccessFacts, type AccessRule } from './facts.ts';
import { allowList } from './rules/allow-list.ts';
import { destinationAddress, type AddressGuard } from './rules/destination-address.ts';
import { indicatorRules } from './rules/indicators.ts';
import { connectPorts, httpPorts } from './rules/ports.ts';
import { sourceNetworks } from './rules/source-networks.ts';

export interface WebAccessSettings {
  readonly sources: readonly string[];
  readonly connectPorts: readonly number[];
  readonly mode: 'open' | 'allow-list';
  readonly allowList: readonly string[];
  readonly guard: AddressGuard;
}

/** Who may reach what through the proxy doors. */
export interface WebAccess {
  decide(facts: AccessFacts): Decision;
  explain(facts: AccessFacts, versions: Readonly<Record<string, string>>): Explanation;
}

const DEFAULT_ALLOW = allow('default-allow', 'no-rule-matched', 'no rule blocks it');

/** Rules in order, the first that decides wins, the last one is explicit. `explain` asks the very same rules. */
export function createWebAccess(settings: WebAccessSettings): WebAccess {
  const rules: readonly AccessRule[] = [
    sourceNetworks(settings.sources),
    connectPorts(settings.connectPorts),
    httpPorts,
    destinationAddress(settings.guard),
    allowList(settings.mode, settings.allowList),
    ...indicatorRules,
  ];
  return {
    decide(facts) {
      for (const rule of rules) {
        const decision = rule.decide(facts);
        if (decision !== undefined) return decision;
      }
      return DEFAULT_ALLOW;
    },
    explain(facts, versions) {
      const tried: Tried[] = [];
      for (const { name, decide, whyNot } of rules) {
        const decision = decide(facts);
        tried.push({
          rule: name,
          matched: decision !== undefined,
          why: decision === undefined ? whyNot(facts) : decision.reasons.join(': '),
        });
        if (decision !== undefined) return { ...decision, tried, versions };
      }
      tried.push({ rule: DEFAULT_ALLOW.rule, matched: true, why: 'no rule before it matched' });
      return { ...DEFAULT_ALLOW, tried, versions };
    },
  };
}
