import { defineCriterion, expanded, overFact, shown } from '../criterion.ts';
import { FACT } from '../facts.ts';
import { lineProblem } from './texts.ts';

export const user = defineCriterion<readonly string[]>({
  name: 'user',
  about: 'Name of whoever signed in, in any case; a list of `users` as `$name`',
  example: '[anna, $board]',
  shape: { kind: 'texts', what: 'user name', list: 'users', lower: true, check: lineProblem },
  compile(values, context) {
    const names = context.share(`user:${values.join()}`, () => new Set(expanded(values, context)));
    return overFact(
      FACT.user,
      ({ user: name }) => (name === undefined ? undefined : names.has(name) || names.has(name.toLowerCase())),
      {
        what: 'user',
        value: ({ user: name }) => name ?? '',
        wanted: `among ${shown(values)}`,
      },
    );
  },
  covers: (wide, narrow, context) => {
    const names = new Set(expanded(wide, context));
    return expanded(narrow, context).every((name) => names.has(name));
  },
});
