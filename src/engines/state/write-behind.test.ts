import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WriteBehind } from './index.ts';

function behind(more: { readonly fails?: () => boolean; readonly weightMax?: number } = {}) {
  const written: [string, number][][] = [];
  const failures: unknown[] = [];
  let shrunk = 0;
  const rows = new WriteBehind<number>({
    put: (some) => {
      if (more.fails?.() === true) return Promise.reject(new Error('disk'));
      written.push(some.map(([key, row]) => [key, row]));
      return Promise.resolve();
    },
    rowsAStatement: 2,
    shrink: () => Promise.resolve(void shrunk++),
    weightOf: (row) => row,
    weightMax: more.weightMax ?? 100,
    failed: (error) => failures.push(error),
    flushMs: 3_600_000,
  });
  return { rows, written, failures, shrunk: () => shrunk };
}

test('rows are known at once and written together, the newest of a key alone', async () => {
  const { rows, written, shrunk } = behind();
  rows.set('a', 1);
  rows.set('b', 2);
  rows.set('a', 3);
  rows.set('c', 4);
  assert.equal(rows.get('a'), 3);
  const flushing = rows.flush();
  assert.equal(rows.get('a'), 3, 'while it is being written, too');
  await flushing;
  assert.deepEqual(written, [
    [
      ['b', 2],
      ['a', 3],
    ],
    [['c', 4]],
  ]);
  assert.equal(rows.get('a'), undefined, 'now the table knows it');
  await rows.flush();
  assert.equal(shrunk(), 1, 'nothing to write is no turn');
});

test('what is too much gives up the oldest; what cannot be written is told and given up', async () => {
  let fails = true;
  const { rows, written, failures } = behind({ weightMax: 10, fails: () => fails });
  rows.set('a', 6);
  rows.set('b', 3);
  rows.set('a', 7);
  rows.set('c', 3);
  assert.deepEqual([rows.get('a'), rows.get('b'), rows.get('c')], [7, undefined, 3]);
  await rows.flush();
  assert.equal(failures.length, 1);
  fails = false;
  rows.set('d', 1);
  await rows.close();
  assert.deepEqual(written, [[['d', 1]]]);
  assert.equal(rows.closed, true);
});
