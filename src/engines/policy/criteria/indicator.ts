import type { Match, Severity } from '../../../kernel/index.ts';
import { defineCriterion, overFact } from '../criterion.ts';
import { lineProblem } from './texts.ts';

interface Wanted {
  readonly action?: readonly string[] | undefined;
  readonly severity?: readonly Severity[] | undefined;
  readonly feed?: readonly string[] | undefined;
  readonly from?: readonly ('local' | 'feed')[] | undefined;
}

export const indicator = defineCriterion<Wanted>({
  name: 'indicator',
  about:
    'An entry of a list fits the destination, and has all of what is named here: `action`, `severity`, name of the `feed`, and whether it is `from` a feed or local',
  example: '{ action: block, severity: [high, critical], from: feed }',
  shape: {
    kind: 'members',
    members: {
      action: { kind: 'choices', values: ['allow', 'block', 'label'] },
      severity: { kind: 'choices', values: ['low', 'medium', 'high', 'critical'] },
      feed: { kind: 'texts', what: 'name of a feed', check: lineProblem },
      from: { kind: 'choices', values: ['local', 'feed'] },
    },
  },
  compile: (wanted) =>
    overFact(0, (facts) => facts.verdict().matches.some((match) => fits(match, wanted)), {
      what: 'indicator',
      value: (facts) => shownMatch(facts.verdict().matches[0]),
      wanted: `one with ${Object.entries(wanted)
        .map(([name, values]: [string, readonly string[]]) => `${name} ${values.join(' or ')}`)
        .join(', ')}`,
    }),
});

function fits(match: Match, { action, severity, feed, from }: Wanted): boolean {
  return (
    (action === undefined || action.includes(match.action)) &&
    (severity === undefined || severity.includes(match.severity)) &&
    (feed === undefined || feed.includes(match.feed)) &&
    (from === undefined || from.includes(match.feed === 'local' ? 'local' : 'feed'))
  );
}

function shownMatch(match: Match | undefined): string {
  return match === undefined
    ? '(none)'
    : `${match.entry} of ${match.feed} (${match.action}, ${match.severity})`;
}
