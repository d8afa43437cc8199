import assert from 'node:assert/strict';
import { test } from 'node:test';
import { abstains, importFactsIn, peVector } from '../prediction/index.ts';
import { withColumns } from './masks.ts';
import { goodFiles } from './tables.io.ts';

test('the shipped table of good files has all that a training asks for, of files that the model judges', () => {
  const files = goodFiles();
  assert.ok(files.length > 1_000);
  for (const { columns, group, isBad, source } of files) {
    assert.deepEqual([isBad, source], [false, 'packages'], group);
    assert.match(group, /^(?:deb|npm)-/);
    assert.ok(!abstains(columns), group);
    assert.notEqual(importFactsIn(columns), undefined, group);
    assert.notEqual(withColumns(columns, 'headers+file'), undefined, group);
    assert.ok(columns.E_file! >= 0 && columns.E_file! <= 8 && columns.filesize! > 0, group);
  }
});

test('what tells the day or the tool that linked a file is not in the table', () => {
  for (const { columns } of goodFiles()) {
    assert.equal(columns.TimeDateStamp, undefined);
    assert.equal(columns.MajorLinkerVersion, undefined);
  }
});

test('only what the file lacks is unknown of it', () => {
  const unknown = goodFiles().filter(({ columns }) => peVector(columns).some(Number.isNaN));
  // A library may have no entry point, and then no place of it.
  assert.ok(unknown.every(({ columns }) => columns.AddressOfEntryPoint === 0));
});
