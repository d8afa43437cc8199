import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../../platform/index.ts';
import { scopeOf, tempDir, type Scope } from '../../../test/support/scope.ts';
import { readBackup } from './read.io.ts';
import { finishRestore, restoreBackup } from './restore.io.ts';
import { writeBackup } from './write.io.ts';

const PASSPHRASE = 'a passphrase of some length';

/** A data directory with a database that is open, as in a running gateway, and files that belong to a run. */
async function dataDirectory(scope: Scope, mark: string): Promise<string> {
  const dir = await tempDir(scope, 'backup-data');
  const database = await openDatabase({ path: join(dir, 'state.db'), busyMs: 100 });
  scope.after(() => database.close());
  database.script(`create table marks (mark text); insert into marks values ('${mark}')`);
  for (const folder of ['pki', 'run', 'log', 'indicators']) mkdirSync(join(dir, folder));
  writeFileSync(join(dir, 'master.key'), mark.repeat(4), { mode: 0o600 });
  writeFileSync(join(dir, 'pki', 'ca.crt'), `${mark}\n`);
  writeFileSync(join(dir, 'indicators', 'segment'), Buffer.alloc(300_000, mark));
  writeFileSync(join(dir, 'log', 'access.log'), 'not in it\n');
  return dir;
}

async function backedUp(scope: Scope, dataDir: string, indicators = true): Promise<string> {
  const file = join(await tempDir(scope, 'backup-file'), 'gateway.spb');
  await writeBackup({
    dataDir,
    file,
    passphrase: PASSPHRASE,
    version: '0.0.0',
    nowMs: 1_700_000_000_000,
    id: 'test',
    indicators,
    progress: () => undefined,
  });
  return file;
}

async function markIn(path: string): Promise<unknown> {
  const database = await openDatabase({ path, busyMs: 100 });
  const [row] = await database.sql('select mark from marks', []);
  await database.close();
  return row?.['mark'];
}

test('what was backed up from an open database comes back whole, and nothing of the run', async (t) => {
  const scope = scopeOf(t);
  const dataDir = await dataDirectory(scope, 'old');
  const file = await backedUp(scope, dataDir);
  assert.equal(readFileSync(file).includes('-----'), false);
  assert.equal(existsSync(join(dataDir, 'backup-test')), false);
  const empty = await tempDir(scope, 'restored');
  const manifest = await restoreBackup(file, PASSPHRASE, empty);
  assert.deepEqual(
    manifest.files.map(({ name }) => name),
    ['indicators/segment', 'master.key', 'pki/ca.crt', 'state.db'],
  );
  assert.equal(await markIn(join(empty, 'state.db')), 'old');
  assert.equal(readFileSync(join(empty, 'pki', 'ca.crt'), 'utf8'), 'old\n');
  assert.equal(existsSync(join(empty, 'log')), false);
  assert.equal(existsSync(join(empty, 'restore')), false);
});

test('lists can be left out', async (t) => {
  const scope = scopeOf(t);
  const file = await backedUp(scope, await dataDirectory(scope, 'old'), false);
  const into = await tempDir(scope, 'without');
  assert.equal((await readBackup(file, PASSPHRASE, into)).files.length, 3);
});

test('a wrong passphrase, a cut and a changed file are named, and the data stays', async (t) => {
  const scope = scopeOf(t);
  const dataDir = await dataDirectory(scope, 'old');
  const file = await backedUp(scope, dataDir);
  const here = await tempDir(scope, 'here');
  writeFileSync(join(here, 'master.key'), 'mine');
  const refused = async (path: string, passphrase: string, code: string): Promise<void> => {
    await assert.rejects(restoreBackup(path, passphrase, here), { code });
    assert.equal(readFileSync(join(here, 'master.key'), 'utf8'), 'mine');
    assert.equal(existsSync(join(here, 'restore')), false);
  };
  await refused(file, 'another passphrase', 'BACKUP_WRONG_PASSPHRASE');
  await refused(join(here, 'none'), PASSPHRASE, 'BACKUP_UNREADABLE');
  const bytes = readFileSync(file);
  bytes[bytes.length - 20]! ^= 1;
  const changed = join(here, 'changed');
  writeFileSync(changed, bytes);
  await assert.rejects(restoreBackup(changed, PASSPHRASE, here), { name: 'GatewayError' });
  const cut = join(here, 'cut');
  writeFileSync(cut, readFileSync(file));
  truncateSync(cut, readFileSync(file).length - 40);
  await assert.rejects(restoreBackup(cut, PASSPHRASE, here), { name: 'GatewayError' });
  const other = join(here, 'other');
  writeFileSync(other, 'PK something else entirely');
  await refused(other, PASSPHRASE, 'BACKUP_UNREADABLE');
});

test('a restore that was killed after its mark is finished by the next who opens the data', async (t) => {
  const scope = scopeOf(t);
  const file = await backedUp(scope, await dataDirectory(scope, 'new'));
  const dataDir = await tempDir(scope, 'killed');
  writeFileSync(join(dataDir, 'master.key'), 'old');
  writeFileSync(join(dataDir, 'state.db-wal'), 'of the old database');
  // As it is left by a kill right after the mark, with one entry exchanged already.
  const staged = join(dataDir, 'restore');
  mkdirSync(join(staged, 'new'), { recursive: true });
  await readBackup(file, PASSPHRASE, join(staged, 'new'));
  writeFileSync(join(staged, 'ready'), '');
  execFileSync('mv', [join(staged, 'new', 'pki'), join(dataDir, 'pki')]);
  assert.equal(finishRestore(dataDir), true);
  assert.equal(finishRestore(dataDir), false);
  assert.equal(readFileSync(join(dataDir, 'master.key'), 'utf8'), 'newnewnewnew');
  assert.equal(readFileSync(join(dataDir, 'before-restore', 'master.key'), 'utf8'), 'old');
  assert.equal(readFileSync(join(dataDir, 'pki', 'ca.crt'), 'utf8'), 'new\n');
  assert.equal(await markIn(join(dataDir, 'state.db')), 'new');
});

test('without the mark nothing was restored', async (t) => {
  const scope = scopeOf(t);
  const dataDir = await tempDir(scope, 'unmarked');
  writeFileSync(join(dataDir, 'master.key'), 'old');
  mkdirSync(join(dataDir, 'restore', 'new'), { recursive: true });
  writeFileSync(join(dataDir, 'restore', 'new', 'master.key'), 'half');
  assert.equal(finishRestore(dataDir), false);
  assert.equal(readFileSync(join(dataDir, 'master.key'), 'utf8'), 'old');
});

test('a written archive is read by tar', async (t) => {
  const scope = scopeOf(t);
  const { tarEnd, tarHeader, tarPadding } = await import('../../protocols/tar/index.ts');
  const text = Buffer.from('hello tar\n');
  const file = join(await tempDir(scope, 'tar-writer'), 'x.tar');
  const head = tarHeader({ name: 'a/b.txt', size: text.length, mtimeS: 1 });
  writeFileSync(file, Buffer.concat([head, text, tarPadding(text.length), tarEnd()]));
  assert.equal(execFileSync('tar', ['-xOf', file, 'a/b.txt'], { encoding: 'utf8' }), 'hello tar\n');
});
