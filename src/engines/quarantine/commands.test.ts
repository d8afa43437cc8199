import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { failureOf } from '../../../test/support/failure.ts';
import { keepRequest, quarantineLab } from '../../../test/support/quarantine.ts';
import { type Scope, scopeOf, tempDir } from '../../../test/support/scope.ts';
import type { Input } from '../../kernel/index.ts';
import { quarantineCommands } from './commands.ts';
import { openVault } from './vault.io.ts';

const BYTES = Buffer.from('harmful');
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

async function commandLab(scope: Scope) {
  const lab = await quarantineLab(scope);
  const kept = await lab.edge.keep(keepRequest(SHA256, BYTES.length), async function* () {
    yield BYTES;
  });
  assert.ok(kept.kept);
  const allowed: unknown[] = [];
  const engines = {
    quarantine: lab.store,
    indicators: {
      addLocal: (request: object, actor: string) => Promise.resolve(allowed.push({ ...request, actor })),
    },
  };
  const run = (words: string, input: Partial<Input>, actor = 'local') => {
    const command = quarantineCommands.find((each) => each.words === `quarantine ${words}`);
    assert.ok(command);
    const io = { actor, progress: () => undefined };
    return command.run(engines, { words: {}, rest: [], options: {}, ...input }, io);
  };
  return { ...lab, id: kept.id, allowed, run };
}

test('who is not on the machine restores nothing into its files', async (t) => {
  const scope = scopeOf(t);
  const lab = await commandLab(scope);
  const file = join(await tempDir(scope), 'x');
  const words = { ITEM: lab.id, FILE: file };
  const error = await failureOf(lab.run('restore', { words }, 'token:boss'));
  assert.equal(error.code, 'QUARANTINE_RESTORE_ELSEWHERE');
  await assert.rejects(readFile(file));
  assert.deepEqual(lab.audits, []);
  await lab.run('restore', { words });
  assert.ok((await readFile(file)).equals(BYTES));
});

test('a release allows the hash and leaves the item', async (t) => {
  const lab = await commandLab(scopeOf(t));
  await lab.run('release', { words: { ITEM: lab.id }, options: { note: 'ours' } }, 'alice');
  assert.deepEqual(lab.allowed, [{ value: SHA256, action: 'allow', note: 'ours', actor: 'alice' }]);
  assert.equal((await lab.store.show(lab.id)).state, 'released');
  assert.deepEqual(
    lab.audits.map(({ action, actor }) => [action, actor]),
    [['quarantine.release', 'alice']],
  );
});

test('a purge says which: items, or one of the selections', async (t) => {
  const lab = await commandLab(scopeOf(t));
  for (const input of [
    {},
    { options: { all: true, expired: true } },
    { rest: [lab.id], options: { all: true } },
  ]) {
    assert.equal((await failureOf(lab.run('purge', input))).code, 'QUARANTINE_SELECTION');
  }
  const wrong = await failureOf(lab.run('purge', { options: { 'older-than': 'long' } }));
  assert.equal(wrong.code, 'QUARANTINE_VALUE');
  for (const options of [{ expired: true }, { released: true }, { 'older-than': '1h' }]) {
    await lab.run('purge', { options });
  }
  assert.equal((await lab.store.totals()).items, 1);
  lab.time.aheadMs = 7_200_000;
  await lab.run('purge', { options: { 'older-than': '1h' } });
  assert.equal((await lab.store.totals()).items, 0);
});

test('another master key opens no item, and a missing one is not made up for an old item', async (t) => {
  const lab = await commandLab(scopeOf(t));
  const key = join(lab.dataDir, 'master.key');
  assert.equal((await openVault(lab.dataDir, lab.dir).keyOf(lab.id)).length, 32);
  await writeFile(key, Buffer.alloc(32, 7));
  assert.equal((await failureOf(openVault(lab.dataDir, lab.dir).keyOf(lab.id))).code, 'QUARANTINE_DAMAGED');
  await writeFile(key, 'short');
  assert.equal((await failureOf(openVault(lab.dataDir, lab.dir).keyOf(lab.id))).code, 'QUARANTINE_KEY');
  await rm(key);
  assert.equal((await failureOf(openVault(lab.dataDir, lab.dir).keyOf(lab.id))).code, 'QUARANTINE_KEY');
  await assert.rejects(readFile(key));
});
