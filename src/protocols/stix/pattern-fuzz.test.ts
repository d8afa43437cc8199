/** Whatever the text, parsing ends with a tree or a place in the text; what is printed from a tree is read as that tree. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { indicatorsOf } from './indicators-of.ts';
import { isPatternError, parsePattern } from './parse.ts';
import type { Comparison, Literal, Observation } from './pattern.ts';

type Bare<T> = T extends readonly (infer E)[]
  ? readonly Bare<E>[]
  : T extends object
    ? { [K in keyof T as K extends 'start' | 'end' ? never : K]: Bare<T[K]> }
    : T;

const PIECES = [
  '[',
  ']',
  '(',
  ')',
  ' AND ',
  ' OR ',
  ' FOLLOWEDBY ',
  ' NOT ',
  ' IN ',
  ' LIKE ',
  ' EXISTS ',
  ' WITHIN ',
  ' SECONDS',
  ' REPEATS ',
  ' TIMES',
  ' START ',
  ' STOP ',
  '=',
  '!=',
  '<',
  "'",
  '\\',
  "t'2024-01-01T00:00:00Z'",
  "h'ff'",
  '5',
  '-1.5',
  'true',
  'domain-name:value',
  "file:hashes.'SHA-256'",
  'url:value',
  "'a.example'",
  '[*]',
  '.',
  ':',
  ',',
  '/*',
  '//',
  '€',
  "[ipv4-addr:value = '198.51.100.1']",
];

test('no text makes it throw, and a mistake has a place in the text', () => {
  const text = fc.oneof(
    fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  fc.assert(
    fc.property(text, (pattern) => {
      const tree = parsePattern(pattern);
      if (isPatternError(tree)) {
        assert.ok(tree.position >= 0 && tree.position <= pattern.length);
        return;
      }
      assert.ok(tree.start >= 0 && tree.end <= pattern.length);
      const { values, problems } = indicatorsOf(tree, pattern);
      assert.ok(values.length + problems.length > 0, 'a pattern is worth a value or a reason');
      for (const { value } of values) assert.ok(value !== '');
    }),
    { numRuns: 3000 },
  );
});

test('a tree that is printed is read as the same tree', () => {
  const word = fc
    .stringMatching(/^[a-z][a-z0-9_]{0,8}$/)
    .filter((name) => name !== 'true' && name !== 'false');
  const literal: fc.Arbitrary<Literal> = fc.oneof(
    fc.string({ maxLength: 12 }).map((value) => ({ type: 'text' as const, value })),
    fc.integer().map((value) => ({ type: 'number' as const, value })),
    fc.boolean().map((value) => ({ type: 'boolean' as const, value })),
    fc.uint8Array({ maxLength: 6 }).map((value) => ({ type: 'bytes' as const, value: Buffer.from(value) })),
  );
  const comparisonOf = (depth: number): fc.Arbitrary<Bare<Comparison>> => {
    const leaf = fc
      .record({
        path: fc.record({
          type: word,
          steps: fc
            .tuple(
              word,
              fc.array(fc.oneof(word, fc.nat({ max: 9 }), fc.constant({ any: true as const })), {
                maxLength: 3,
              }),
            )
            .map(([first, rest]) => [first, ...rest]),
        }),
        operator: fc.constantFrom('=' as const, '!=' as const, '<' as const, 'IN' as const),
        isNegated: fc.boolean(),
        literals: fc.array(literal, { minLength: 1, maxLength: 3 }),
      })
      .map((each) => ({
        type: 'test' as const,
        ...each,
        literals: each.operator === 'IN' ? each.literals : each.literals.slice(0, 1),
      }));
    if (depth === 0) return leaf;
    const inner = comparisonOf(depth - 1);
    const group = fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(inner, { minLength: 2, maxLength: 3 }))
      .map(([type, parts]) => ({ type, parts }));
    return fc.oneof(leaf, group);
  };
  const observationOf = (depth: number): fc.Arbitrary<Bare<Observation>> => {
    const leaf = comparisonOf(2).map((comparison) => ({ type: 'observation' as const, comparison }));
    if (depth === 0) return leaf;
    const inner = observationOf(depth - 1);
    return fc.oneof(
      leaf,
      fc
        .tuple(
          fc.constantFrom('and' as const, 'or' as const, 'followed-by' as const),
          fc.array(inner, { minLength: 2, maxLength: 3 }),
        )
        .map(([type, parts]) => ({ type, parts })),
      fc.tuple(inner, fc.nat({ max: 99 })).map(([observation, seconds]) => ({
        type: 'qualified' as const,
        observation,
        qualifier: { type: 'within' as const, seconds },
      })),
    );
  };
  fc.assert(
    fc.property(observationOf(2), (tree) => {
      const text = printObservation(tree);
      const read = parsePattern(text);
      assert.ok(!isPatternError(read), `${text}: ${JSON.stringify(read)}`);
      assert.deepEqual(bare(read), bare(tree), text);
    }),
    { numRuns: 500 },
  );
});

/** Every group in parentheses; those that the precedence would not need stay out of the tree. */
function printObservation(tree: Bare<Observation>): string {
  switch (tree.type) {
    case 'observation':
      return `[${printComparison(tree.comparison)}]`;
    case 'qualified':
      return `(${printObservation(tree.observation)}) WITHIN ${
        tree.qualifier.type === 'within' ? tree.qualifier.seconds : 0
      } SECONDS`;
    default: {
      const word = { and: ' AND ', or: ' OR ', 'followed-by': ' FOLLOWEDBY ' }[tree.type];
      return tree.parts.map((part) => `(${printObservation(part)})`).join(word);
    }
  }
}

function printComparison(tree: Bare<Comparison>): string {
  if (tree.type !== 'test')
    return tree.parts
      .map((part) => `(${printComparison(part)})`)
      .join(tree.type === 'and' ? ' AND ' : ' OR ');
  const steps = tree.path.steps.map((step, at) => {
    if (typeof step === 'string') return at === 0 ? step : `.${step}`;
    return typeof step === 'number' ? `[${step}]` : '[*]';
  });
  const literals = tree.literals.map((each) => printLiteral(each as Literal));
  const right = tree.operator === 'IN' ? `(${literals.join(', ')})` : literals[0]!;
  return `${tree.path.type}:${steps.join('')}${tree.isNegated ? ' NOT' : ''} ${tree.operator} ${right}`;
}

function printLiteral(literal: Literal): string {
  switch (literal.type) {
    case 'text':
      return `'${literal.value.replace(/[\\']/g, (char) => `\\${char}`)}'`;
    case 'bytes':
      return `b'${Buffer.from(literal.value).toString('base64')}'`;
    default:
      return String(literal.value);
  }
}

/** Without places in the text, and bytes as hexadecimal digits. */
function bare(tree: unknown): unknown {
  return JSON.parse(
    JSON.stringify(tree, (key, value: unknown) => {
      if (key === 'start' || key === 'end') return undefined;
      return Object.is(value, -0) ? 0 : value;
    }),
  );
}
