import { defineCriterion } from '../criterion.ts';
import { FACT, NO, NOT_YET, type Phase, PHASES, YES } from '../facts.ts';

/** What a door that has still to reach a phase says that it will learn there. */
const LEARNT: Readonly<Record<Phase, number>> = {
  connect: 0,
  request: FACT.url | FACT['request-head'],
  'request-body': FACT['file-type'] | FACT['file-verdict'] | FACT.size,
  response: FACT['response-head'],
  'response-body': FACT['file-type'] | FACT['file-verdict'] | FACT.size,
};

export const phase = defineCriterion<readonly Phase[]>({
  name: 'phase',
  about: 'The moment of the exchange at which the rules are asked',
  example: '[response, response-body]',
  shape: { kind: 'choices', values: PHASES },
  compile(values) {
    const bits = values.reduce((sum, each) => sum | LEARNT[each], 0);
    const steps = values.map((each) => PHASES.indexOf(each));
    return {
      bits,
      test({ later = 0 }, at) {
        if (values.includes(at)) return YES;
        const now = PHASES.indexOf(at);
        return steps.some((step) => step > now && isAhead(step, now, later)) && (later & bits) !== 0
          ? NOT_YET
          : NO;
      },
      why: (_, at) => `phase ${at} is ${values.includes(at) ? '' : 'not '}${values.join(', ')}`,
    };
  },
});

const RESPONSE = PHASES.indexOf('response');

/** Phases of the response come only where there is to be one. */
function isAhead(step: number, now: number, later: number): boolean {
  return step < RESPONSE || now >= RESPONSE || (later & FACT['response-head']) !== 0;
}
