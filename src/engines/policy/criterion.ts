import type { NamedList, TimeSpan } from './document.ts';
import { answer, type Answer, NEVER, NOT_YET, type Phase, type PolicyFacts, YES } from './facts.ts';
import type { Shape } from './shape.ts';

/** A condition ready to be asked. */
export interface Compiled {
  test(facts: PolicyFacts, phase: Phase): Answer;
  /** Why it says what it says, in words. */
  why(facts: PolicyFacts, phase: Phase): string;
  /** Bits of `FACT` that it may wait for. */
  readonly bits: number;
}

/** What a value may refer to, and what criteria of one policy share. */
export interface CompileContext {
  readonly lists: Readonly<Record<string, NamedList>>;
  readonly schedules: Readonly<Record<string, readonly TimeSpan[]>>;
  /** The same thing is compiled once: `make` runs at the first use of `key`. */
  share<T>(key: string, make: () => T): T;
  /** Counts the questions to the policy: what was found out is good for one of them. */
  readonly round: { readonly number: number };
}

/** One thing that a rule can ask for. One file each, in `criteria/`; the table of them is the language. */
export interface Criterion<V = unknown> {
  readonly name: string;
  /** For the reference: a sentence. */
  readonly about: string;
  /** For the reference and the tests: a value as YAML. */
  readonly example: string;
  readonly shape: Shape;
  /** The first phase in which it can be known; absent: from the beginning. */
  readonly knownFrom?: Phase;
  /** What it asks about has one value, compared as it stands, that nobody learns later: lists without a common value exclude each other. */
  readonly single?: true;
  compile(value: V, context: CompileContext): Compiled;
  /** Whether everything that fits `narrow` fits `wide`; without it, lists of values are compared as sets. */
  covers?(wide: V, narrow: V, context: CompileContext): boolean;
}

/** Identity at run time. The table knows criteria only as such: values come out of the schema made of their shape. */
export function defineCriterion<V>(criterion: Criterion<V>): Criterion {
  return criterion;
}

/** A condition over one fact. `find` is `undefined` while the fact is not known. */
export function overFact(
  bits: number,
  find: (facts: PolicyFacts, phase: Phase) => boolean | undefined,
  describe: {
    readonly what: string;
    value(facts: PolicyFacts, phase: Phase): string;
    readonly wanted: string;
  },
): Compiled {
  const test = (facts: PolicyFacts, phase: Phase): Answer => answer(find(facts, phase), facts.later, bits);
  return {
    bits,
    test,
    why(facts, phase) {
      const said = test(facts, phase);
      if (said === NOT_YET) return `${describe.what} is not known yet`;
      if (said === NEVER) return `${describe.what} is not known here`;
      const verb = said === YES ? 'is' : 'is not';
      return `${describe.what} ${describe.value(facts, phase)} ${verb} ${describe.wanted}`;
    },
  };
}

/** Whether one of the tests fits; nearly always there is only one. */
export function anyFits<T>(tests: readonly ((value: T) => boolean)[]): (value: T) => boolean {
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  return (value) => {
    for (const fits of tests) if (fits(value)) return true;
    return false;
  };
}

/**
 * What is made of the facts of one exchange, made once for all rules that ask one after the other. The facts do not
 * change in what it is made of while they are the same object.
 */
export function oncePerFacts<T>(make: (facts: PolicyFacts) => T): (facts: PolicyFacts) => T {
  let lastFacts: PolicyFacts | undefined;
  let last: T | undefined;
  return (facts) => {
    if (facts !== lastFacts) {
      last = make(facts);
      lastFacts = facts;
    }
    // It was made for these facts, now or before.
    return last as T;
  };
}

const SHOWN_MAX = 4;

/** `a, b, c` or `a, b, c and 7 more`. */
export function shown(values: readonly string[]): string {
  const first = values.slice(0, SHOWN_MAX).join(', ');
  return values.length <= SHOWN_MAX ? first : `${first} and ${values.length - SHOWN_MAX} more`;
}

/** The values with those of named lists in place of their `$name`. */
export function expanded(
  values: readonly string[],
  { lists }: Pick<CompileContext, 'lists'>,
): readonly string[] {
  if (!values.some(isReference)) return values;
  return values.flatMap((value) => (isReference(value) ? (lists[value.slice(1)]?.entries ?? []) : [value]));
}

export function isReference(value: string): boolean {
  return value.charCodeAt(0) === 0x24;
}
