import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { editDistance, nearest } from './nearest.ts';
import { formatYaml, parseConfig, parseYaml } from './parse.ts';
import { configReference, FILE_SCHEMA } from './schema.ts';

const KEYS = configReference().map(({ key }) => key.replace('[]', '').split('.'));
const SECRET = 'marmalade-skies';

/** Invariant: whatever the file holds, there is a checked tree or a list of problems, and no value is quoted. */
test('any text ends in a tree or in problems', () => {
  const value = fc.oneof(
    fc.constantFrom<unknown>(
      SECRET,
      '5s',
      '64KiB',
      'none',
      null,
      true,
      443,
      -1,
      1e99,
      [],
      {},
      [null],
      [SECRET],
      '__proto__',
    ),
    fc.jsonValue(),
  );
  const tree = fc.array(fc.tuple(fc.constantFrom(...KEYS), value), { maxLength: 12 }).map((entries) => {
    const root: Record<string, unknown> = {};
    for (const [path, leaf] of entries) {
      let at = root;
      for (const step of path.slice(0, -1)) {
        const next = at[step];
        at =
          typeof next === 'object' && next !== null && !Array.isArray(next)
            ? (next as Record<string, unknown>)
            : (at[step] = {});
      }
      at[path.at(-1) ?? ''] = leaf;
    }
    return formatYaml(root);
  });
  const text = fc.oneof(
    tree,
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[ \t\n:\-a-z&*!|>{}[\]"'#?,%@`]{0,60}$/),
  );
  fc.assert(
    fc.property(text, (yaml) => {
      const { tree: parsed, problems } = parseConfig(yaml);
      if (problems.length === 0)
        assert.equal(Object.keys(parsed).length, Object.keys(FILE_SCHEMA.shape).length);
      for (const { path, message, hint, line } of problems) {
        assert.ok(path !== '' && message !== '');
        assert.ok(!`${message}${hint ?? ''}`.includes(SECRET), message);
        assert.ok(line === undefined || line >= 1);
      }
    }),
    { numRuns: 400 },
  );
});

test('a key that is empty is named so that a person sees it', () => {
  assert.deepEqual(
    parseConfig(': a').problems.map(({ path, message, line }) => [path, message, line]),
    [['""', 'unknown key', 1]],
  );
});

test('YAML that is written can be read', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const parsed = parseYaml(formatYaml(value));
      assert.equal(parsed.problem, undefined);
      assert.equal(JSON.stringify('value' in parsed ? parsed.value : undefined), JSON.stringify(value));
    }),
    { numRuns: 200 },
  );
});

test('typing slips find the key that was meant', () => {
  const keys = ['idle', 'head', 'port', 'enabled', 'sessionsMax', 'sessionsPerSourceMax'];
  for (const [slip, meant] of [
    ['idel', 'idle'],
    ['idleMs', 'idle'],
    ['prot', 'port'],
    ['sessionMax', 'sessionsMax'],
    ['SESSIONSMAX', 'sessionsMax'],
    ['enable', 'enabled'],
    ['colour', undefined],
    ['x', undefined],
  ] as const) {
    assert.equal(nearest(slip, keys), meant, slip);
  }
  assert.equal(editDistance('a'.repeat(65), 'a'.repeat(65), 100), Infinity);
  assert.equal(editDistance('abc', 'abc', 1), 0);
});
