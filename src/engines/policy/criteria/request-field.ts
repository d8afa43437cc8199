import {
  anyFits,
  type CompileContext,
  type Compiled,
  defineCriterion,
  oncePerFacts,
  overFact,
} from '../criterion.ts';
import { FACT, type PolicyFacts } from '../facts.ts';
import { compileGlob } from '../glob.ts';
import type { FieldTest } from '../shape.ts';

export const requestField = defineCriterion<readonly FieldTest[]>({
  name: 'request-field',
  about:
    'A field of the request: `equals`, `contains` (in any case), `matches` (`*` stands for anything, in any case) or `present`; of several values the first counts. What is longer than 8 KiB is compared by its beginning',
  example: '{ name: User-Agent, contains: curl }',
  shape: { kind: 'fields' },
  compile: (tests, context) => fieldsTest(FACT['request-head'], REQUEST, tests, context, readRequest),
});

const REQUEST = 'request field';

function readRequest(facts: PolicyFacts, name: string): string | undefined {
  return facts.requestField?.(name);
}

/** The value of a field of the request, made once for all who ask. */
export function fieldValue({ share }: Pick<CompileContext, 'share'>, name: string): ValueOf {
  return valueOnce(share, `${REQUEST}:${name}`, (facts) => readRequest(facts, name));
}

type ValueOf = (facts: PolicyFacts) => Value | undefined;

function valueOnce(
  share: CompileContext['share'],
  key: string,
  read: (facts: PolicyFacts) => string | undefined,
): ValueOf {
  return share(key, () => oncePerFacts((facts) => valueOf(read(facts))));
}

type Read = (facts: PolicyFacts, name: string) => string | undefined;

/** One of the fields fits. */
export function fieldsTest(
  bit: number,
  what: string,
  tests: readonly FieldTest[],
  { share }: CompileContext,
  read: Read,
): Compiled {
  const isKnown =
    bit === FACT['request-head']
      ? (facts: PolicyFacts) => facts.requestField !== undefined
      : (facts: PolicyFacts) => facts.status !== undefined;
  const fits = anyFits(
    tests.map((test) => {
      // Asked for only when the head is there, and a head does not change.
      const value = valueOnce(share, `${what}:${test.name}`, (facts) => read(facts, test.name));
      const isIt = fieldTest(test);
      return (facts: PolicyFacts) => isIt(value(facts));
    }),
  );
  return overFact(bit, (facts) => (isKnown(facts) ? fits(facts) : undefined), {
    what,
    value: (facts) => tests.map(({ name }) => `${name}: ${short(read(facts, name))}`).join(', '),
    wanted: tests.map(testText).join(' or '),
  });
}

const VALUE_MAX = 8192;

function fieldTest({ equals, contains, matches, present }: FieldTest): (value: Value | undefined) => boolean {
  const part = contains?.toLowerCase();
  const pattern = matches === undefined ? undefined : compileGlob(matches.toLowerCase());
  return (value) => {
    if (present !== undefined && (value !== undefined) !== present) return false;
    if (equals === undefined && part === undefined && pattern === undefined) return true;
    if (value === undefined) return false;
    return (
      (equals === undefined || value.text === equals) &&
      (part === undefined || value.lower.includes(part)) &&
      (pattern === undefined || pattern(value.lower))
    );
  };
}

interface Value {
  readonly text: string;
  readonly lower: string;
}

function valueOf(value: string | undefined): Value | undefined {
  if (value === undefined) return undefined;
  const text = value.length > VALUE_MAX ? value.slice(0, VALUE_MAX) : value;
  return { text, lower: text.toLowerCase() };
}

function testText({ name, equals, contains, matches, present }: FieldTest): string {
  const wants = [
    equals === undefined ? [] : [`equal to ${equals}`],
    contains === undefined ? [] : [`with ${contains} in it`],
    matches === undefined ? [] : [`like ${matches}`],
    present === undefined ? [] : [present ? 'there' : 'absent'],
  ];
  return `${name} ${wants.flat().join(' and ')}`;
}

function short(value: string | undefined): string {
  if (value === undefined) return '(absent)';
  return value.length > 80 ? `${value.slice(0, 80)}…` : value;
}
