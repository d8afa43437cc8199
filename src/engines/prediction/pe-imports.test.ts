import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peOf, sourceOf } from '../../../test/support/pe.ts';
import { readPe } from '../../protocols/pe/index.ts';
import { columnsOf, importFactsIn, PE_FEATURE_NAMES, readColumns, withoutImportFacts } from './index.ts';
import { IMPORT_FACTS } from './pe-imports.ts';

const IMPORTS = {
  'KERNEL32.dll': [
    'LoadLibraryA',
    'GetProcAddress',
    'VirtualAllocEx',
    'WriteProcessMemory',
    'CreateProcessW',
  ],
  'WININET.dll': ['InternetOpenA'],
};

/** As the tables write it. */
function rowOf(imports: Readonly<Record<string, readonly string[]>>) {
  const symbols = Object.values(imports).flat();
  return {
    ImportsNb: String(symbols.length),
    ImportedDlls: Object.keys(imports).join(' '),
    ImportedSymbols: symbols.join(' '),
  };
}

function readFileOf(imports: Readonly<Record<string, readonly string[]>>) {
  const result = readPe(sourceOf(peOf({ imports })));
  assert.ok(result.kind === 'pe');
  return columnsOf(result.pe);
}

test('a row of a table and the file itself give the same facts', () => {
  const facts = importFactsIn(readColumns(rowOf(IMPORTS)));
  assert.deepEqual(importFactsIn(readFileOf(IMPORTS)), facts);
  assert.deepEqual(
    Object.entries(facts ?? {}).filter(([, value]) => value !== 0),
    [
      ['imports', 3],
      ['import-libraries', 2],
      ['imports-network', 1],
      ['imports-by-name-later', 1],
      ['imports-memory-of-others', 1],
      ['imports-starting-programs', 1],
      ['imports-downloading', 1],
    ],
  );
});

test('long lists are cut where the tables cut them, in both', () => {
  const long = {
    'KERNEL32.dll': Array.from({ length: 400 }, (_, at) => `SomeFunctionNumber${at}`),
    'USER32.dll': ['SetWindowsHookExA'],
  };
  const facts = importFactsIn(readColumns(rowOf(long)));
  assert.deepEqual(importFactsIn(readFileOf(long)), facts);
  assert.equal(facts?.['imports-input-watching'], 0);
  assert.equal(facts?.['imports-windows'], 1);
});

test('what nobody wrote down is not known, and no import is a fact', () => {
  for (const row of [
    {},
    { ImportsNb: 5 },
    { ImportsNb: 5, ImportedDlls: null, ImportedSymbols: '' },
    { ImportsNb: 5, ImportedDlls: 7, ImportedSymbols: 7 },
    { ImportedDlls: 'a.dll', ImportedSymbols: 'b' },
  ]) {
    assert.equal(importFactsIn(readColumns(row)), undefined, JSON.stringify(row));
  }
  const none = importFactsIn(readColumns({ ImportsNb: 0, ImportedDlls: '', ImportedSymbols: '' }));
  assert.deepEqual([none?.imports, none?.['import-libraries']], [0, 0]);
  const dotnet = readColumns({ ImportsNb: 1, ImportedDlls: 'mscoree.dll', ImportedSymbols: '_CorDllMain' });
  assert.equal(importFactsIn(dotnet)?.['imports-dotnet-alone'], 1);
  assert.deepEqual(withoutImportFacts(dotnet), { ImportsNb: 1 });
});

test('every fact is a feature, and is said in words for each of its values', () => {
  for (const { name, say } of IMPORT_FACTS) {
    assert.ok(PE_FEATURE_NAMES.includes(name), name);
    const said = [0, 1, 2].map(say);
    assert.ok(
      said.every((text) => /^[a-z].{8,}$/.test(text)),
      name,
    );
    assert.notEqual(said[0], said[1], name);
  }
});
