import { type Compiled, type CompileContext, type Criterion } from './criterion.ts';
import { CRITERION } from './criteria/index.ts';
import type { Condition } from './document.ts';
import type { FieldTest } from './shape.ts';
import { type Answer, NEVER, NO, NOT_YET, type Phase, type PolicyFacts, YES } from './facts.ts';

/** The criteria of a condition, without `not` and `any`. */
export function* criteriaOf(when: Condition): Generator<readonly [Criterion, unknown]> {
  for (const [name, value] of Object.entries(when)) {
    const criterion = CRITERION.get(name);
    if (criterion !== undefined) yield [criterion, value];
  }
}

/** Lower-case names of the request fields that a condition reads. */
export function requestFieldsOf(when: Condition): readonly string[] {
  const own = when['request-field'] ?? [];
  return [
    // The shape of this criterion's value.
    ...(own as readonly FieldTest[]).map(({ name }) => name),
    ...(when['media-type'] === undefined ? [] : ['content-type']),
    ...[...(when.not ?? []), ...(when.any ?? [])].flatMap(requestFieldsOf),
  ];
}

/** Those of the response. */
export function responseFieldsOf(when: Condition): readonly string[] {
  // The shape of this criterion's value.
  const own = (when['response-field'] ?? []) as readonly FieldTest[];
  const inner = [...(when.not ?? []), ...(when.any ?? [])];
  return [...own.map(({ name }) => name), ...inner.flatMap(responseFieldsOf)];
}

/** All criteria must fit. Cheap ones stand first in the table of criteria, and the first *no* ends it. */
export function compileCondition(when: Condition, context: CompileContext): Compiled {
  const order = [...CRITERION.keys()];
  const parts = [...criteriaOf(when)]
    .toSorted(([a], [b]) => order.indexOf(a.name) - order.indexOf(b.name))
    .map(([criterion, value]) => sharedTest(criterion, value, context));
  for (const each of when.not ?? []) parts.push(negated(compileCondition(each, context)));
  if (when.any !== undefined) parts.push(anyOf(when.any.map((each) => compileCondition(each, context))));
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  return allOf(parts);
}

/** What several rules ask in the same words is compiled once, and asked once a decision. */
function sharedTest(
  criterion: Criterion,
  value: unknown,
  { share, round, ...context }: CompileContext,
): Compiled {
  const shared = share(`criterion:${criterion.name}:${JSON.stringify(value)}`, () => ({
    ...criterion.compile(value, { ...context, share, round }),
    uses: 0,
  }));
  shared.uses++;
  if (shared.uses === 2) shared.test = oncePerRound(shared.test, round);
  return shared;
}

/** Facts change between decisions, not in one. */
function oncePerRound(test: Compiled['test'], round: CompileContext['round']): Compiled['test'] {
  let last = -1;
  let said: Answer = NO;
  return (facts, phase) => {
    if (last !== round.number) {
      said = test(facts, phase);
      last = round.number;
    }
    return said;
  };
}

function allOf(parts: readonly Compiled[]): Compiled {
  return {
    bits: bitsOf(parts),
    test(facts, phase) {
      let least: Answer = YES;
      for (const part of parts) {
        const said = part.test(facts, phase);
        if (said === NO) return NO;
        if (said < least) least = said;
      }
      return least;
    },
    why(facts, phase) {
      if (parts.length === 0) return 'it fits everything';
      const said = parts.map((part) => part.test(facts, phase));
      const least = said.reduce<Answer>((a, b) => (b < a ? b : a), YES);
      if (least === YES) return parts.map((part) => part.why(facts, phase)).join('; ');
      return parts[said.indexOf(least)]?.why(facts, phase) ?? '';
    },
  };
}

function anyOf(parts: readonly Compiled[]): Compiled {
  return {
    bits: bitsOf(parts),
    test(facts, phase) {
      let most: Answer = NO;
      for (const part of parts) {
        const said = part.test(facts, phase);
        if (said === YES) return YES;
        if (said > most) most = said;
      }
      return most;
    },
    why(facts, phase) {
      const said = parts.map((part) => part.test(facts, phase));
      const most = said.reduce<Answer>((a, b) => (b > a ? b : a), NO);
      if (most > NO) return parts[said.indexOf(most)]?.why(facts, phase) ?? '';
      return `none fits: ${parts.map((part) => part.why(facts, phase)).join('; ')}`;
    },
  };
}

const OPPOSITE: Readonly<Record<Answer, Answer>> = {
  [NO]: YES,
  [NEVER]: NEVER,
  [NOT_YET]: NOT_YET,
  [YES]: NO,
};

function negated(part: Compiled): Compiled {
  return {
    bits: part.bits,
    test: (facts: PolicyFacts, phase: Phase) => OPPOSITE[part.test(facts, phase)],
    why: (facts, phase) => `not: ${part.why(facts, phase)}`,
  };
}

function bitsOf(parts: readonly Compiled[]): number {
  return parts.reduce((sum, { bits }) => sum | bits, 0);
}
