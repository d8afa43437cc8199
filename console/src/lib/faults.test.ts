import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiProblem } from '../../../client/index.ts';
import { faultsOf } from './faults.ts';

function problem(detail: string, status = 400): ApiProblem {
  return new ApiProblem({ type: 'about:blank', title: 'no', status, code: 'policy-invalid', detail });
}

test('each fault of a policy has its line, its column, its path and its hint', () => {
  const detail = [
    'the policy has 2 faults and was not put in force:',
    '  4:13 rules[0].when.hst: unknown key',
    '      Did you mean `host`?',
    '  5:5 rules[0].then: expected one of allow, block',
  ].join('\n');
  assert.deepEqual(faultsOf(problem(detail)), [
    { line: 4, column: 13, path: 'rules[0].when.hst', message: 'unknown key', hint: 'Did you mean `host`?' },
    { line: 5, column: 5, path: 'rules[0].then', message: 'expected one of allow, block' },
  ]);
});

test('other errors have none', () => {
  assert.deepEqual(faultsOf(problem('no policy waits to be confirmed')), []);
  assert.deepEqual(faultsOf(problem('  1:1 a: b', 503)), []);
  assert.deepEqual(faultsOf(new Error('  1:1 a: b')), []);
});
