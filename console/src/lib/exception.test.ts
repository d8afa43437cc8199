import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { withException } from './exception.ts';

interface Document {
  readonly default: string;
  readonly rules: readonly { readonly name: string; readonly note?: string; readonly when: object }[];
}

function check(text: string, names: readonly string[]): string {
  const changed = withException(text, { host: 'a.example', note: 'ticket "4711"' });
  // The shape is that of the policies below.
  const document = parse(changed) as Document;
  assert.deepEqual(
    document.rules.map(({ name }) => name),
    names,
  );
  assert.equal(document.rules[0]?.note, 'ticket "4711"');
  assert.deepEqual(document.rules[0]?.when, { host: 'a.example', not: { indicator: { action: 'block' } } });
  assert.equal(document.default, 'allow');
  return changed;
}

test('the exception is the first rule, and the rest stays as it was written', () => {
  const text = '# mine\nversion: 1\nrules:\n    # old\n    - { name: old, then: block }\ndefault: allow\n';
  const changed = check(text, ['allow-a-example', 'old']);
  assert.ok(changed.includes('    # old\n    - { name: old, then: block }\n'));
  assert.ok(changed.startsWith('# mine\n'));
});

test('an empty list and a document without rules get one', () => {
  check('version: 1\nrules: []\ndefault: allow\n', ['allow-a-example']);
  check('version: 1\ndefault: allow\n', ['allow-a-example']);
});

test('a second exception for a host has a name of its own', () => {
  const text = 'version: 1\nrules:\n  - name: allow-a-example\n    then: block\ndefault: allow\n';
  check(text, ['allow-a-example-2', 'allow-a-example']);
});

test('an address is a host, too', () => {
  const changed = withException('rules: []\ndefault: allow\n', { host: '2001:db8::1', note: '' });
  const [rule] = (parse(changed) as Document).rules;
  assert.equal(rule?.name, 'allow-2001-db8-1');
  assert.equal(rule?.note, undefined);
  assert.match(changed, /host: "2001:db8::1"/);
});
