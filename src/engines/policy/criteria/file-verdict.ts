import { defineCriterion, overFact, shown } from '../criterion.ts';
import { FACT } from '../facts.ts';
import { VERDICTS } from './verdict.ts';

export const fileVerdict = defineCriterion<readonly string[]>({
  name: 'file-verdict',
  about: 'What the scan says of the body; a rule that asks for it has the body scanned',
  example: '[malicious, suspicious]',
  knownFrom: 'request-body',
  shape: { kind: 'choices', values: VERDICTS },
  compile: (values) =>
    overFact(
      FACT['file-verdict'],
      ({ file }) => (file === undefined ? undefined : values.includes(file.verdict)),
      {
        what: 'file verdict',
        value: ({ file }) => file?.verdict ?? '',
        wanted: shown(values),
      },
    ),
});
