import { defineCriterion, overFact, shown } from '../criterion.ts';

export const VERDICTS = ['clean', 'suspicious', 'malicious', 'unknown'] as const;

export const verdict = defineCriterion<readonly string[]>({
  name: 'verdict',
  about: 'What is known of the destination',
  example: '[malicious, suspicious]',
  shape: { kind: 'choices', values: VERDICTS },
  single: true,
  compile: (values) =>
    overFact(0, (facts) => values.includes(facts.verdict().verdict), {
      what: 'verdict',
      value: (facts) => facts.verdict().verdict,
      wanted: shown(values),
    }),
});
