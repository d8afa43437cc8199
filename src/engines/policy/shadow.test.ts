/** Invariant: a rule that is said never to fit never decides, whatever is asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { policyDocument, scanned, UNKNOWN } from '../../../test/support/policy.ts';
import type { DoorName } from '../../kernel/index.ts';
import { compileCondition } from './condition.ts';
import type { Condition, PolicyDocument } from './document.ts';
import { FACT, NO, type Phase, PHASES, type PolicyFacts, YES } from './facts.ts';
import { contradicts, shadowedRules } from './shadow.ts';
import { unknowableRules } from './unknowable.ts';

const some = <T>(...values: readonly T[]) => fc.subarray([...values], { minLength: 1 });

/** Criteria of every kind: one value, several, ranges, patterns; known at once, later, and perhaps never. */
const own = fc.record(
  {
    door: some('icap', 'forward-proxy', 'api', 'ssh'),
    method: some('GET', 'POST', 'CONNECT'),
    scheme: some('http', 'https'),
    phase: some(...PHASES),
    host: some('a.test', '*.test', 'b.test:443', '10.0.0.0/8', '*.a.test'),
    url: some('a.test', 'a.test/x/', 'a.test/x/y', '*/x/*'),
    port: some('80', '443', '1-1000'),
    user: some('anna', 'ben'),
    category: some('games', 'news'),
    score: fc.constantFrom({ min: 50 }, { min: 60, max: 80 }, { max: 55 }),
    size: fc.constantFrom({ min: 1 }, { min: 10, max: 20 }),
    'file-type': some('pe', 'executable', 'zip'),
    'file-verdict': some('clean', 'malicious'),
    status: some('404', '4xx', '5xx'),
  },
  { requiredKeys: [] },
);
const few = own.chain((criteria) =>
  fc
    .shuffledSubarray(Object.entries(criteria), { maxLength: 2 })
    .map((entries): Condition => Object.fromEntries(entries)),
);
const condition = nesting(nesting(few));

function nesting(inner: fc.Arbitrary<Condition>): fc.Arbitrary<Condition> {
  const list = fc.option(fc.array(inner, { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 1 });
  return fc.record({ criteria: few, not: list, any: list }).map(({ criteria, not, any }) => ({
    ...criteria,
    ...(not === undefined ? {} : { not }),
    ...(any === undefined ? {} : { any }),
  }));
}

const facts = fc
  .record({
    phase: fc.constantFrom(...PHASES),
    door: fc.constantFrom<DoorName | undefined>('icap', 'forward-proxy', 'api', undefined),
    method: fc.constantFrom('GET', 'POST', 'CONNECT'),
    scheme: fc.constantFrom('http', 'https', undefined),
    host: fc.constantFrom('a.test', 'x.a.test', 'b.test', '10.1.2.3', 'other.example', ''),
    port: fc.constantFrom(80, 443, 8443),
    path: fc.constantFrom('/x/y', '/x/', '/', undefined),
    user: fc.constantFrom('anna', 'carl', undefined),
    score: fc.constantFrom(40, 55, 70, 90),
    bytes: fc.constantFrom(0, 15, 30, undefined),
    known: fc.constantFrom('nothing', 'clean', 'malicious'),
    status: fc.constantFrom(200, 404, undefined),
    later: fc.constantFrom(0, FACT['file-type'] | FACT['file-verdict'] | FACT.size, 127),
  })
  .map(({ phase, score, known, ...rest }): { phase: Phase; facts: PolicyFacts } => {
    const file = known === 'clean' || known === 'malicious' ? scanned({ verdict: known }) : undefined;
    const verdict = () => ({ ...UNKNOWN, score });
    return { phase, facts: { source: '10.0.0.1', ...rest, verdict, file, fileType: file?.type } };
  });

function documentOf(base: PolicyDocument, ...whens: readonly Condition[]): PolicyDocument {
  const [first] = base.rules;
  return { ...base, rules: whens.map((when, at) => ({ ...first!, name: `r${at}`, when })) };
}

function testOf(when: Condition) {
  const context = {
    lists: {},
    schedules: {},
    share: <T>(_: string, make: () => T) => make(),
    round: { number: 0 },
  };
  return compileCondition(when, context).test;
}

test('what is said to cover a condition fits whatever that one fits, and turns around behind not', async () => {
  const base = await policyDocument('version: 1\nrules:\n  - { name: r0, then: block }\ndefault: allow\n');
  let covered = 0;
  // Variants of one condition are comparable; two of their own seldom are.
  const variant = (of: Condition) =>
    fc.oneof(
      condition,
      fc.constant(of),
      fc.record({ with: condition, as: fc.constantFrom('any', 'not', 'more', 'less') }).map((made) => {
        switch (made.as) {
          case 'any':
            return { any: [of, made.with] };
          case 'not':
            return { not: [of] };
          case 'more':
            return { ...made.with, ...of };
          default:
            return Object.fromEntries(Object.entries(of).slice(1));
        }
      }),
    );
  const pairs = condition.chain((one) => fc.record({ wide: variant(one), narrow: variant(one) }));
  fc.assert(
    fc.property(pairs, fc.array(facts, { minLength: 40, maxLength: 60 }), ({ wide, narrow }, asked) => {
      if (shadowedRules(documentOf(base, wide, narrow)).length === 0) return;
      covered++;
      const [wideTest, narrowTest] = [testOf(wide), testOf(narrow)];
      for (const { facts: given, phase } of asked) {
        const [outer, inner] = [wideTest(given, phase), narrowTest(given, phase)];
        assert.ok(inner !== YES || outer === YES, 'where the narrow one fits, so does the wide one');
        assert.ok(
          outer !== NO || inner === NO,
          'where the wide one does not fit, neither does the narrow one',
        );
      }
    }),
    { numRuns: 1500 },
  );
  assert.ok(covered > 200, `${covered} pairs were comparable`);
});

test('a rule that contradicts itself, or asks for what cannot be known, fits nothing', async () => {
  const base = await policyDocument('version: 1\nrules:\n  - { name: r0, then: block }\ndefault: allow\n');
  let found = 0;
  fc.assert(
    fc.property(
      condition,
      condition,
      fc.array(facts, { minLength: 40, maxLength: 60 }),
      (one, other, asked) => {
        const when = { ...one, not: [...(one.not ?? []), other] };
        if (!contradicts(when, base)) return;
        found++;
        const fits = testOf(when);
        for (const { facts: given, phase } of asked) assert.notEqual(fits(given, phase), YES);
      },
    ),
    { numRuns: 1500 },
  );
  assert.ok(found > 20, `${found} contradictions`);
  assert.deepEqual(unknowableRules(documentOf(base, {}, { method: ['GET'] })), []);
});
