import type { Finding, Severity } from '../../../kernel/index.ts';
import { defineCriterion, overFact } from '../criterion.ts';
import { FACT } from '../facts.ts';
import { compileGlob } from '../glob.ts';
import { globProblem, lineProblem } from './texts.ts';

interface Wanted {
  readonly name?: readonly string[] | undefined;
  readonly stage?: readonly string[] | undefined;
  readonly severity?: readonly Severity[] | undefined;
}

export const finding = defineCriterion<Wanted>({
  name: 'finding',
  about:
    'Something that a stage of the scan found has all of what is named here: `name` (with `*`), `stage`, `severity`',
  example: '{ name: "Win.Trojan.*", severity: [high, critical] }',
  knownFrom: 'request-body',
  shape: {
    kind: 'members',
    members: {
      name: { kind: 'texts', what: 'name of a signature', lower: true, check: globProblem },
      stage: { kind: 'texts', what: 'name of a stage', check: lineProblem },
      severity: { kind: 'choices', values: ['low', 'medium', 'high', 'critical'] },
    },
  },
  compile({ name, stage, severity }) {
    const names = name?.map((text) => compileGlob(text));
    const fits = (found: Finding): boolean =>
      (names === undefined || names.some((test) => test(found.name.toLowerCase()))) &&
      (stage === undefined || stage.includes(found.stage)) &&
      (severity === undefined || severity.includes(found.severity));
    return overFact(FACT['file-verdict'], ({ file }) => file?.findings.some(fits), {
      what: 'finding',
      value: ({ file }) => file?.findings.map((each) => `${each.stage} ${each.name}`).join(', ') || '(none)',
      wanted: Object.entries({ name, stage, severity })
        .flatMap(([key, values]) => (values === undefined ? [] : [`${key} ${values.join(' or ')}`]))
        .join(', '),
    });
  },
});
