import type { Match } from '../../../kernel/index.ts';
import { plain } from '../decision.ts';
import type { PolicyFacts } from '../facts.ts';
import type { BuiltInRule } from './built-in.ts';

/**
 * What the lists say, by precedence: local allow, local block, feed block, feed known-good. The verdict
 * has put the entry that decides first.
 */
export const indicatorRules: readonly BuiltInRule[] = [
  indicatorRule('local-allow', (match) => match.feed === 'local' && match.action === 'allow'),
  indicatorRule('local-block', (match) => match.feed === 'local' && match.action === 'block'),
  indicatorRule('feed-block', (match) => match.feed !== 'local' && match.action === 'block'),
  indicatorRule('feed-allow', (match) => match.feed !== 'local' && match.action === 'allow'),
];

function indicatorRule(name: string, applies: (match: Match) => boolean): BuiltInRule {
  return {
    name,
    decide(facts) {
      const match = facts.verdict().matches[0];
      if (match === undefined || !applies(match)) return undefined;
      const decision = match.action === 'block' ? 'block' : 'allow';
      return plain(decision, name, ['indicator-match', sentence(facts, match)], match);
    },
    whyNot(facts) {
      const match = facts.verdict().matches[0];
      if (match === undefined) return 'no list has an entry for it';
      if (match.action === 'label') return `lists say only what it is: ${match.category}`;
      return `the entry that decides is ${match.entry} of ${match.feed} (${match.action})`;
    },
  };
}

function sentence(facts: PolicyFacts, match: Match): string {
  const list = match.feed === 'local' ? 'the local list' : `the list ${match.feed}`;
  const what = match.category === '' ? '' : ` as ${match.category}`;
  const verb = match.action === 'block' ? 'is listed' : 'is known good';
  return `${facts.host} ${verb}${what} on ${list}: entry ${match.entry}, severity ${match.severity}, since ${match.addedAt}`;
}
