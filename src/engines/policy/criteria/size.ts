import { formatBytes } from '../../../kernel/index.ts';
import { defineCriterion, overFact } from '../criterion.ts';
import { FACT } from '../facts.ts';
import { isInside, type Range } from '../shape.ts';
import { covers } from './score.ts';

export const size = defineCriterion<Range>({
  name: 'size',
  about: 'Length of the body: announced, or counted when it is over; with units B, KiB, MiB, GiB',
  example: '{ min: 10MiB }',
  shape: { kind: 'range', unit: 'size', max: Number.MAX_SAFE_INTEGER },
  compile: (range) =>
    overFact(FACT.size, ({ bytes }) => (bytes === undefined ? undefined : isInside(range, bytes)), {
      what: 'size',
      value: ({ bytes = 0 }) => formatBytes(bytes),
      wanted: [
        range.min === undefined ? [] : [`at least ${formatBytes(range.min)}`],
        range.max === undefined ? [] : [`at most ${formatBytes(range.max)}`],
      ]
        .flat()
        .join(' and '),
    }),
  covers,
});
