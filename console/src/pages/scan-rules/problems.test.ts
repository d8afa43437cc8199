import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsIn } from './problems.ts';

test('the mistakes of a rule set, each with its line', () => {
  const message =
    'the rule set bad has 2 mistakes, and none of it was taken: bad/bad line 1: unknown identifier `b`; bad/bad line 12: unknown pattern `$y`; or so';
  assert.deepEqual(problemsIn(message), [
    { file: 'bad/bad', line: 1, message: 'unknown identifier `b`' },
    { file: 'bad/bad', line: 12, message: 'unknown pattern `$y`; or so' },
  ]);
  assert.deepEqual(problemsIn('the disk is full'), []);
});
