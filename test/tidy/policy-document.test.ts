import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readExpectations } from '../../src/engines/exchange/expectations.ts';
import { tryExpectation } from '../../src/engines/exchange/index.ts';
import { createWebAccess, loadReader } from '../../src/engines/policy/index.ts';

const PAGE = 'docs/operations/policy.md';

/** The blocks of YAML of a page, by the word in their first line. */
function blocks(word: string): readonly string[] {
  const all = readFileSync(PAGE, 'utf8').matchAll(/```yaml\n# (\w+)\n([\s\S]*?)```/g);
  return [...all].flatMap(([, name, text = '']) => (name === word ? [text] : []));
}

test('the policy of the document is a policy without faults and warnings, and does what its expectations say', async () => {
  const { readPolicy } = await loadReader();
  const [text = ''] = blocks('policy');
  const { document, problems, warnings } = readPolicy(text);
  assert.deepEqual([problems, warnings], [[], []]);
  const access = createWebAccess({
    sources: [],
    connectPorts: [443],
    mode: 'open',
    allowList: [],
    guard: () => undefined,
  });
  assert.ok(document !== undefined);
  access.use(document, 'document');
  const [expectations = ''] = blocks('expectations');
  const { tests, problems: faults } = readExpectations(expectations);
  assert.deepEqual(faults, []);
  assert.ok(tests.length > 4);
  const verdicts = { evaluateUrl: () => ({ verdict: 'unknown', score: 50, matches: [] }) as const };
  for (const each of tests) {
    const { differences } = tryExpectation(each, { access, verdicts, now: () => 0 });
    assert.deepEqual(differences, [], each.name);
  }
});
