import type { Decision, Match } from '../../../kernel/index.ts';
import type { AccessFacts, AccessRule } from '../facts.ts';

/**
 * What the lists say, by precedence: local allow, local block, feed block, feed known-good. The verdict
 * has put the entry that decides first.
 */
export const indicatorRules: readonly AccessRule[] = [
  indicatorRule('local-allow', (match) => match.feed === 'local' && match.action === 'allow'),
  indicatorRule('local-block', (match) => match.feed === 'local' && match.action === 'block'),
  indicatorRule('feed-block', (match) => match.feed !== 'local' && match.action === 'block'),
  indicatorRule('feed-allow', (match) => match.feed !== 'local' && match.action === 'allow'),
];

function indicatorRule(name: string, applies: (match: Match) => boolean): AccessRule {
  return {
    name,
    decide(facts): Decision | undefined {
      const match = facts.verdict().matches[0];
      if (match === undefined || !applies(match)) return undefined;
      return {
        decision: match.action,
        rule: name,
        reasons: ['indicator-match', sentence(facts, match)],
        match,
      };
    },
    whyNot(facts) {
      const match = facts.verdict().matches[0];
      if (match === undefined) return 'no list has an entry for it';
      return `the entry that decides is ${match.entry} of ${match.feed} (${match.action})`;
    },
  };
}

function sentence(facts: AccessFacts, match: Match): string {
  const list = match.feed === 'local' ? 'the local list' : `the list ${match.feed}`;
  const what = match.category === '' ? '' : ` as ${match.category}`;
  const verb = match.action === 'block' ? 'is listed' : 'is known good';
  return `${facts.host} ${verb}${what} on ${list}: entry ${match.entry}, severity ${match.severity}, since ${match.addedAt}`;
}
