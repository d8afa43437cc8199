import { defineCriterion, overFact } from '../criterion.ts';
import { FACT } from '../facts.ts';

export const authenticated = defineCriterion<boolean>({
  name: 'authenticated',
  about: 'Whether somebody signed in',
  example: 'true',
  shape: { kind: 'flag' },
  compile: (wanted) =>
    overFact(
      FACT.user,
      ({ user, later = 0 }) =>
        user === undefined && (later & FACT.user) !== 0 ? undefined : (user !== undefined) === wanted,
      {
        what: 'the client',
        value: ({ user }) => (user === undefined ? 'without a sign-in' : `signed in as ${user}`),
        wanted: wanted ? 'what the rule wants (signed in)' : 'what the rule wants (nobody signed in)',
      },
    ),
});
