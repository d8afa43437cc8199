import { INCOMPLETE_REASONS } from '../../../kernel/index.ts';
import { defineCriterion, overFact, shown } from '../criterion.ts';
import { FACT } from '../facts.ts';

export const incomplete = defineCriterion<readonly string[]>({
  name: 'incomplete',
  about:
    'Part of the body could not be looked at: it is encrypted or damaged, a limit or the time was over, a scanner was away, or nothing here opens such a format',
  example: '[encrypted, limit]',
  knownFrom: 'request-body',
  shape: { kind: 'choices', values: INCOMPLETE_REASONS },
  compile: (values) =>
    overFact(
      FACT['file-verdict'],
      ({ file }) => file?.incomplete.some(({ reason }) => values.includes(reason)),
      {
        what: 'incomplete',
        value: ({ file }) =>
          file?.incomplete.map(({ reason, stage }) => `${reason} (${stage})`).join(', ') || '(nothing)',
        wanted: shown(values),
      },
    ),
});
