/** Rules that would stay silent for ever say so where somebody tests or applies a policy. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scopeOf, tempDir } from '../support/scope.ts';
import { sallyport } from './processes-gateway.ts';

const POLICY = `version: 1
rules:
  - { name: wide, when: { host: "*.example.com" }, then: block }
  - { name: shadowed, when: { host: a.example.com }, then: allow }
  - { name: too-early, when: { phase: request, status: 5xx }, then: block }
default: allow
`;
const EXPECTATIONS = `tests:
  - { name: wide blocks, request: { url: "http://a.example.com/" }, expect: { decision: block, rule: wide } }
`;

interface Warning {
  readonly line: number;
  readonly message: string;
  readonly hint: string;
}

test('policy test and policy apply name rules that can never fit, with line and hint', async (t) => {
  const scope = scopeOf(t);
  const dir = await tempDir(scope, 'silent-rules');
  const dataDir = join(dir, 'data');
  mkdirSync(dataDir);
  const [policy, expectations, settings] = ['policy.yaml', 'expectations.yaml', 'sallyport.yaml'].map(
    (name) => join(dir, name),
  ) as [string, string, string];
  writeFileSync(policy, POLICY);
  writeFileSync(expectations, EXPECTATIONS);
  writeFileSync(settings, '');
  const common = ['--json', '--data-dir', dataDir, '--config', settings];
  for (const words of [
    ['policy', 'test', expectations, '--policy', policy],
    ['policy', 'apply', policy, '--dry-run'],
  ]) {
    const answer = await sallyport(scope, ...words, ...common);
    assert.equal(answer.code, 0, answer.stderr);
    const { warnings } = answer.json() as { readonly warnings: readonly Warning[] };
    assert.deepEqual(
      warnings.map(({ line, message }) => `${line} ${message.slice(0, message.indexOf(':'))}`),
      ['4 the rule shadowed can never fit', '5 the rule too-early can never fit'],
      words.join(' '),
    );
    for (const { hint } of warnings) assert.notEqual(hint, '');
  }
});
