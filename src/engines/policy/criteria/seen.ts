import { defineCriterion, overFact } from '../criterion.ts';
import { FACT } from '../facts.ts';
import { isInside, type Range, rangeText } from '../shape.ts';
import { covers } from './score.ts';

export const seen = defineCriterion<Range>({
  name: 'seen',
  about:
    'How often the file was seen by this gateway, this time counted in: `{ max: 1 }` is a file that nobody brought before; a number alone is the least',
  example: '{ max: 1 }',
  knownFrom: 'request-body',
  shape: { kind: 'range', unit: 'number', max: 1_000_000_000 },
  compile: (range) =>
    overFact(
      FACT['file-verdict'],
      ({ file }) => (file?.prevalence === undefined ? undefined : isInside(range, file.prevalence.count)),
      {
        what: 'seen',
        value: ({ file }) => String(file?.prevalence?.count ?? 'not counted'),
        wanted: rangeText(range),
      },
    ),
  covers,
});
