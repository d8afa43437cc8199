import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../../test/support/indicators.ts';
import { scopeOf, tempDir } from '../../../test/support/scope.ts';
import { openState, type State } from '../state/index.ts';
import { FileVerdictStore, type VerdictStoreOptions } from './index.ts';

const CLOCK = { now: () => Date.now(), monotonic: () => performance.now() };

function storeOver(state: Pick<State, 'sql'>, more: Partial<VerdictStoreOptions> = {}): FileVerdictStore {
  return new FileVerdictStore({
    sql: (text, parameters) => state.sql(text, parameters),
    clock: CLOCK,
    log: SILENT,
    bytesMax: () => 1_000_000,
    ...more,
  });
}

test('verdicts are known at once, after a flush, and after a restart; the last one of a file counts', async (t) => {
  const scope = scopeOf(t);
  const dataDir = await tempDir(scope, 'verdicts');
  const open = () => openState({ dataDir, clock: CLOCK, log: SILENT, sections: [] });
  const first = await open();
  const store = storeOver(first);
  await store.open();
  store.remember('a', 'one');
  store.remember('b', 'two');
  assert.deepEqual([await store.recall('a'), await store.recall('c')], ['one', undefined]);
  const flushed = store.flush();
  assert.equal(await store.recall('a'), 'one', 'while it is written');
  await flushed;
  store.remember('a', 'three');
  assert.equal(await store.recall('a'), 'three');
  await store.close();
  store.remember('d', 'too late');
  await first.close();
  const second = await open();
  scope.after(() => second.close());
  const again = storeOver(second);
  await again.open();
  assert.deepEqual(await Promise.all(['a', 'b', 'd'].map((key) => again.recall(key))), [
    'three',
    'two',
    undefined,
  ]);
});

test('the bound holds: the oldest leave, also when thousands come at once', async (t) => {
  const scope = scopeOf(t);
  const state = await openState({
    dataDir: await tempDir(scope, 'verdicts'),
    clock: CLOCK,
    log: SILENT,
    sections: [],
  });
  scope.after(() => state.close());
  let nowMs = 0;
  const store = storeOver(state, {
    clock: { now: () => nowMs++ },
    bytesMax: () => 100_000,
  });
  await store.open();
  const size = async (): Promise<number> =>
    Number((await state.sql('select sum(length(report)) as bytes from file_verdicts', []))[0]?.['bytes']);
  for (let at = 0; at < 3000; at++) store.remember(`k${at}`, 'x'.repeat(100));
  await store.flush();
  assert.ok((await size()) <= 100_000, String(await size()));
  assert.deepEqual([await store.recall('k0'), (await store.recall('k2999'))?.length], [undefined, 100]);
  // The same file again and again takes its place once.
  for (let at = 0; at < 1000; at++) {
    store.remember('same', 'y'.repeat(150));
    if (at % 100 === 0) await store.flush();
  }
  await store.flush();
  assert.equal((await store.recall('k2999'))?.length, 100);
  store.remember('large', 'z'.repeat(100_001));
  assert.equal(await store.recall('large'), undefined);
});

test('a database that fails costs verdicts and nothing else', async () => {
  let fails = false;
  const warned: string[] = [];
  const store = new FileVerdictStore({
    sql: () => (fails ? Promise.reject(new Error('disk full')) : Promise.resolve([])),
    clock: CLOCK,
    log: { ...SILENT, warn: (event) => void warned.push(event) },
    bytesMax: () => 1000,
  });
  await store.open();
  fails = true;
  store.remember('a', 'one');
  await store.flush();
  assert.deepEqual(warned, ['file-verdicts.not-stored']);
  fails = false;
  assert.equal(await store.recall('a'), undefined);
  await store.close();
});
