import { defineCriterion, oncePerFacts, overFact, shown } from '../criterion.ts';
import { FACT } from '../facts.ts';
import { lineProblem } from './texts.ts';

export const group = defineCriterion<readonly string[]>({
  name: 'group',
  about: 'A group of whoever signed in, in any case, where the door learns groups',
  example: '[staff, contractors]',
  shape: { kind: 'texts', what: 'group', lower: true, check: lineProblem },
  compile(values, { share }) {
    const names = new Set(values);
    const lowerGroups = share('groups', () =>
      oncePerFacts(({ groups }) => groups?.map((name) => name.toLowerCase())),
    );
    return overFact(FACT.user, (facts) => lowerGroups(facts)?.some((name) => names.has(name)), {
      what: 'groups',
      value: ({ groups }) => groups?.join(', ') ?? '',
      wanted: `among ${shown(values)}`,
    });
  },
});
