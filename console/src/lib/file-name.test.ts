import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameOfFile } from './file-name.ts';

test('a file gives its name in the letters of names', () => {
  assert.equal(nameOfFile('My List.v2.txt'), 'my-list');
  assert.equal(nameOfFile('(export) Größe_1.csv'), 'export-gr-e-1');
  assert.equal(nameOfFile('.hidden'), '');
});
