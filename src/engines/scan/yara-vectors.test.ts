import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingData, testData } from '../../../test/support/test-data.ts';
import { loadYara } from './yara-library.io.ts';
import { COMPILE_OPTIONS, type YaraLibrary } from './yara.ts';

/** The tests of libyara 4.2.3 as data: what a rule must do with some bytes, or that it must not compile. */
interface Vector {
  readonly id: number;
  readonly kind: 'match' | 'regexp' | 'error';
  readonly rule: string;
  readonly data_b64?: string;
  readonly expect?: boolean;
  /** What a regular expression must have matched. */
  readonly capture?: string | null;
}

/** Where YARA-X differs from libyara, by reason. One that begins to pass fails the test as well. */
const LIMITS: Readonly<Record<string, readonly number[]>> = {
  'the module "tests" is built into the test programs of libyara alone': [
    14, 16, 17, 19, 20, 22, 23, 25, 269, 272, 280, 281, 286, 287, 289, 290, 628, 629, 631, 632, 634, 635, 637,
    638, 640, 641, 643, 644, 646, 647, 649, 650, 652, 653, 655, 656,
  ],
  'an overflow of integers wraps around instead of being refused': [85, 86, 88, 89, 91, 92, 94],
  'a set of rules that has no member is refused': [251],
  'a percentage of zero is taken': [265],
  'word boundaries at the edges of wide patterns': [322, 328],
  '\\v stands for vertical white space as in other engines, not for the letter': [329],
  'patterns that may match nothing are refused': [367, 472, 473, 481],
};

const FILE = '06-rules/yara_vectors.json.gz';
const library = loadYara();
const skip = missingData(FILE) || ('why' in library ? library.why : false);

test('YARA-X does with the vectors of libyara what libyara does, but for named limits', { skip }, (t) => {
  if ('why' in library) return;
  const vectors: readonly Vector[] = Object.values(JSON.parse(testData(FILE)!.toString('utf8')) as object);
  assert.equal(vectors.length, 454);
  const table: Record<Vector['kind'], { pass: number; fail: number }> = {
    match: { pass: 0, fail: 0 },
    regexp: { pass: 0, fail: 0 },
    error: { pass: 0, fail: 0 },
  };
  const failed: number[] = [];
  for (const vector of vectors) {
    const passes = isRight(library, vector);
    table[vector.kind][passes ? 'pass' : 'fail']++;
    if (!passes) failed.push(vector.id);
  }
  for (const [kind, { pass, fail }] of Object.entries(table))
    t.diagnostic(`${kind}: ${pass} pass, ${fail} fail`);
  for (const [reason, ids] of Object.entries(LIMITS)) t.diagnostic(`${reason}: ${ids.length}`);
  assert.deepEqual(
    failed.toSorted((a, b) => a - b),
    Object.values(LIMITS)
      .flat()
      .toSorted((a, b) => a - b),
  );
  assert.deepEqual(table, {
    match: { pass: 193, fail: 40 },
    regexp: { pass: 161, fail: 4 },
    error: { pass: 48, fail: 8 },
  });
});

function isRight(yara: YaraLibrary, { kind, rule, data_b64: data = '', expect, capture }: Vector): boolean {
  let rules: ReturnType<YaraLibrary['compile']>;
  try {
    rules = yara.compile('', COMPILE_OPTIONS);
    rules.addRuleSource(rule, 'vector');
  } catch {
    // What is wrong is said in the words of the library: that it is refused is what counts.
    return kind === 'error';
  }
  if (kind === 'error') return false;
  const matches = rules.scan(Buffer.from(data, 'base64'), {});
  if (matches.length > 0 !== expect) return false;
  if (kind !== 'regexp' || !expect || capture === null) return true;
  return matches.some((match) => match.matches.some((each) => each.data === capture));
}
