import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffLines } from './diff-lines.ts';

test('a value of one line, and a policy as it was written', () => {
  const lines = diffLines([
    { op: 'change', path: 'users.anna.role', before: 'user', after: 'admin' },
    { op: 'add', path: 'policy.active', after: { text: 'version: 1\nrules: []\n' } },
    { op: 'remove', path: 'alert-rules', before: {} },
    { op: 'remove', path: 'tokens.x', before: { scopes: ['read'] } },
  ]);
  assert.deepEqual(lines, [
    '  users.anna.role',
    '- user',
    '+ admin',
    '  policy.active',
    '+ version: 1',
    '+ rules: []',
    '  tokens.x',
    '- {',
    '-   "scopes": [',
    '-     "read"',
    '-   ]',
    '- }',
  ]);
});
