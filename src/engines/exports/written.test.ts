import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { indicatorLab, SILENT } from '../../../test/support/indicators.ts';
import { scopeOf } from '../../../test/support/scope.ts';
import { WrittenCollections, WrittenStore } from './index.ts';

const ID = '00000000-0000-4000-8000-000000000001';
const OBJECT = {
  type: 'indicator',
  spec_version: '2.1',
  id: `indicator--${ID}`,
  created: '2026-01-01T00:00:00.000Z',
  modified: '2026-01-01T00:00:00.000Z',
  pattern: "[domain-name:value = 'evil.example']",
  pattern_type: 'stix',
  valid_from: '2026-01-01T00:00:00Z',
};
const RECORD = {
  id: OBJECT.id,
  type: OBJECT.type,
  version: OBJECT.modified,
  specVersion: '2.1',
  dateAdded: '2026-01-01T00:00:00.000000Z',
};
const PENDING = {
  id: ID,
  status: 'pending',
  total_count: 1,
  success_count: 0,
  failure_count: 0,
  pending_count: 1,
  pendings: [{ id: OBJECT.id, version: OBJECT.modified }],
} as const;

test('what was stored and not yet imported when control died is imported when it is back', async (t) => {
  const scope = scopeOf(t);
  const lab = await indicatorLab(scope);
  const path = join(lab.dir, '..', 'taxii.sqlite');
  const before = new WrittenStore(path);
  await before.add('inbox', [{ record: RECORD, object: OBJECT }]);
  await before.putStatus('inbox', PENDING, 1, 10);
  await before.close();
  const store = new WrittenStore(path);
  const written = new WrittenCollections({
    store,
    spoolDir: join(lab.dir, '..', 'spool'),
    indicators: lab.admin,
    clock: lab.clock,
    log: SILENT,
    newId: () => ID,
    limits: () => ({
      pageObjectsMax: 10,
      matchValuesMax: 10,
      collectionObjectsMax: 10,
      envelopeObjectsMax: 10,
      statusesMax: 10,
    }),
    audit: () => undefined,
  });
  scope.after(() => written.close());
  written.onNames(() => Promise.resolve([{ name: 'inbox', title: '', description: '' }]));
  await written.recover();
  assert.equal(lab.reader.lookupHost('evil.example')[0]?.feed, 'inbox');
  assert.equal((await store.status(ID))?.status, 'complete');
  assert.deepEqual(await store.pending(), []);
});

test('of statuses the newest are kept', async (t) => {
  const scope = scopeOf(t);
  const lab = await indicatorLab(scope);
  const store = new WrittenStore(join(lab.dir, '..', 'taxii.sqlite'));
  scope.after(() => store.close());
  for (const at of [1, 2, 3, 4]) await store.putStatus('inbox', { ...PENDING, id: `status-${at}` }, at, 2);
  assert.equal(await store.status('status-2'), undefined);
  assert.equal((await store.status('status-3'))?.id, 'status-3');
});
