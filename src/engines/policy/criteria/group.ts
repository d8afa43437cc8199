import { type CompileContext, defineCriterion, oncePerFacts, overFact, shown } from '../criterion.ts';
import { FACT, type PolicyFacts } from '../facts.ts';
import { lineProblem } from './texts.ts';

export const group = defineCriterion<readonly string[]>({
  name: 'group',
  about: 'A group of whoever signed in, in any case, where the door learns groups',
  example: '[staff, contractors]',
  shape: { kind: 'texts', what: 'group', lower: true, check: lineProblem },
  compile(values, context) {
    const names = new Set(values);
    const groupsOf = lowerGroups(context);
    return overFact(FACT.user, (facts) => groupsOf(facts)?.some((name) => names.has(name)), {
      what: 'groups',
      value: ({ groups }) => groups?.join(', ') ?? '',
      wanted: `among ${shown(values)}`,
    });
  },
});

/** The groups in lower case, made once for all who ask. */
export function lowerGroups({
  share,
}: Pick<CompileContext, 'share'>): (facts: PolicyFacts) => readonly string[] | undefined {
  return share('groups', () => oncePerFacts(({ groups }) => groups?.map((name) => name.toLowerCase())));
}
