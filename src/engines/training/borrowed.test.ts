import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importFactsIn, type PeColumns, readColumns } from '../prediction/index.ts';
import { withBorrowedImports } from './borrowed.ts';
import { trainingOf, withColumns } from './masks.ts';
import type { Sample, SourceName } from './tables.io.ts';

const WEIGHTS = { kaggle: 1, clamp: 1, brazil: 1, packages: 1, own: 1 };
const GOOD = readColumns({
  BaseOfCode: 4096,
  ImportsNb: 3,
  ImportedDlls: 'a.dll b.dll',
  ImportedSymbols: 'x',
});
const BAD = readColumns({
  BaseOfCode: 4096,
  ImportsNb: 90,
  ImportedDlls: 'wininet.dll',
  ImportedSymbols: 'y',
});
const DOTNET = readColumns({
  BaseOfCode: 8192,
  ImportsNb: 1,
  ImportedDlls: 'mscoree.dll',
  ImportedSymbols: '',
});

function sample(source: SourceName, isBad: boolean, columns: PeColumns): Sample {
  return { source, isBad, columns, group: source, day: '' };
}

const LENDERS = [
  sample('packages', false, GOOD),
  sample('packages', false, DOTNET),
  sample('brazil', true, BAD),
];
/** Of a table that says nothing of imports. */
const BORROWERS = Array.from({ length: 400 }, (_, at) =>
  sample('kaggle', at % 2 === 0, { BaseOfCode: 4096, SizeOfCode: 512 * at }),
);

test('most borrow from their own label, some from the other, and the same each time', () => {
  const borrowed = withBorrowedImports([...LENDERS, ...BORROWERS]);
  assert.deepEqual(borrowed, withBorrowedImports([...LENDERS, ...BORROWERS]));
  assert.deepEqual(borrowed.slice(0, 3), LENDERS);
  for (const isBad of [false, true]) {
    const own = JSON.stringify(importFactsIn(isBad ? BAD : GOOD));
    const other = JSON.stringify(importFactsIn(isBad ? GOOD : BAD));
    const facts = borrowed
      .slice(3)
      .filter((each) => each.isBad === isBad)
      .map(({ columns }) => JSON.stringify(importFactsIn(columns)));
    const same = facts.filter((each) => each === own).length;
    assert.ok(same > 110 && same < 170, String(same));
    assert.equal(facts.filter((each) => each === other).length, facts.length - same);
  }
});

test('headers are as they were, .NET files borrow nothing, and without both lenders nobody does', () => {
  const dotnet = sample('clamp', true, { BaseOfCode: 0x2000 });
  const borrowed = withBorrowedImports([...LENDERS, dotnet, ...BORROWERS]);
  assert.equal(borrowed[3], dotnet);
  assert.equal(borrowed[4]!.columns.SizeOfCode, BORROWERS[0]!.columns.SizeOfCode);
  const goodAlone = [...LENDERS.slice(0, 2), ...BORROWERS];
  assert.equal(withBorrowedImports(goodAlone), goodAlone);
});

test('a set of columns that one label has alone is not learned', () => {
  assert.equal(withColumns({ BaseOfCode: 4096 }, 'imports'), undefined);
  const withFacts = (rows: readonly PeColumns[]) =>
    rows.filter((columns) => importFactsIn(columns) !== undefined).length;
  const one = trainingOf([...LENDERS.slice(0, 2), ...BORROWERS], WEIGHTS);
  assert.equal(withFacts(one.rows), 0);
  const both = trainingOf([...LENDERS, ...BORROWERS], WEIGHTS);
  assert.equal(withFacts(both.rows), 3);
  const weight = (label: number): number =>
    both.weights.reduce((sum, each, at) => sum + (both.labels[at] === label ? each : 0), 0);
  assert.ok(Math.abs(weight(0) - weight(1)) < 1e-6);
});
