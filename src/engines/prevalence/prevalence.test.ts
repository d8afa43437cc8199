import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../../test/support/indicators.ts';
import { scopeOf, tempDir } from '../../../test/support/scope.ts';
import { openState } from '../state/index.ts';
import { createPrevalence, PrevalenceStore, servePrevalence, SOURCES_MAX } from './index.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);

test('sights are counted with their sources, survive a restart, and the oldest files are forgotten', async (t) => {
  const scope = scopeOf(t);
  const dataDir = await tempDir(scope, 'prevalence');
  let nowMs = Date.UTC(2026, 0, 2);
  const clock = { now: () => nowMs, monotonic: () => 0 };
  const open = async () => {
    const state = await openState({ dataDir, clock, log: SILENT, sections: [] });
    const store = new PrevalenceStore({
      sql: (...given) => state.sql(...given),
      clock,
      log: SILENT,
      entriesMax: () => 2,
    });
    await store.open();
    return { state, store };
  };
  const first = await open();
  await first.store.seen(A, '10.0.0.1');
  await first.store.seen(A, '10.0.0.1');
  await first.store.flush();
  nowMs += 60_000;
  assert.deepEqual(await first.store.seen(A, '10.0.0.2'), {
    firstSeen: '2026-01-02T00:00:00.000Z',
    count: 3,
    sources: 2,
  });
  await first.store.close();
  await first.state.close();
  const second = await open();
  assert.equal((await second.store.seen(A, '10.0.0.3'))?.sources, 3);
  for (let source = 0; source < 100; source++) await second.store.seen(B, `10.1.0.${source}`);
  assert.equal((await second.store.known(B))?.sources, SOURCES_MAX);
  nowMs += 60_000;
  await second.store.seen(B, 'x');
  await second.store.seen('c'.repeat(64), 'x');
  await second.store.flush();
  assert.deepEqual(await Promise.all([A, B].map(async (hash) => (await second.store.known(hash))?.count)), [
    undefined,
    101,
  ]);
  await second.store.close();
  await second.state.close();
});

test('edges ask control, and do without when it is away or says something else', async () => {
  const told: unknown[] = [];
  let handler: ((params: unknown, edge: never) => unknown) | undefined;
  servePrevalence(
    { handle: (_method, given) => (handler = given) },
    {
      seen: (...given) => {
        told.push(given);
        return Promise.resolve({ firstSeen: 'x', count: 1, sources: 1 });
      },
    },
  );
  const link = {
    connected: true,
    call: async (_method: string, params: unknown) => handler?.(params, undefined as never),
  };
  const prevalence = createPrevalence(link as never);
  assert.deepEqual(await prevalence.seen(A, '10.0.0.1'), { firstSeen: 'x', count: 1, sources: 1 });
  assert.equal(await prevalence.seen('no hash', 'y'), undefined);
  assert.deepEqual(told, [[A, '10.0.0.1']]);
  const away = { connected: true, call: () => Promise.reject(new Error('away')) };
  assert.equal(await createPrevalence(away as never).seen(A, 'x'), undefined);
});
