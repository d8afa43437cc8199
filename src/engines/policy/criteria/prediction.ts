import { defineCriterion, overFact } from '../criterion.ts';
import { FACT, type PolicyFacts } from '../facts.ts';
import { isInside, type Range, rangeText } from '../shape.ts';
import { covers } from './score.ts';

export const prediction = defineCriterion<Range>({
  name: 'prediction',
  about:
    'Score that a model of the gateway, or rules in its place, give the body or what is in it, 0 to 100; a number alone is the least',
  example: '{ min: 90 }',
  knownFrom: 'request-body',
  shape: { kind: 'range', unit: 'number', max: 100 },
  compile: (range) =>
    overFact(
      FACT['file-verdict'],
      (facts) => (facts.file === undefined ? undefined : isInside(range, worstOf(facts))),
      {
        what: 'prediction',
        value: (facts) => String(worstOf(facts)),
        wanted: rangeText(range),
      },
    ),
  covers,
});

/** Where nothing was judged, nothing speaks against it. */
function worstOf({ file }: PolicyFacts): number {
  return Math.max(0, ...(file?.predictions ?? []).map(({ score }) => score));
}
