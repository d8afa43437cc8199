import { defineCriterion, overFact } from '../criterion.ts';
import { isInside, type Range, rangeText } from '../shape.ts';

export const score = defineCriterion<Range>({
  name: 'score',
  about:
    'Score of the destination, 0 (surely good) to 100 (surely bad), 50 when nothing is known; a number alone is the least',
  example: '{ min: 75 }',
  shape: { kind: 'range', unit: 'number', max: 100 },
  compile: (range) =>
    overFact(0, (facts) => isInside(range, facts.verdict().score), {
      what: 'score',
      value: (facts) => String(facts.verdict().score),
      wanted: rangeText(range),
    }),
  covers: covers,
});

export function covers(wide: Range, narrow: Range): boolean {
  return (wide.min ?? 0) <= (narrow.min ?? 0) && (wide.max ?? Infinity) >= (narrow.max ?? Infinity);
}
