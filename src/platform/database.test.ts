import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockFile, openDatabase, SQLITE, sqliteCode, type OpenDatabase } from './database.io.ts';

interface Tables {
  things: { id: number; name: string; blob: Uint8Array | null };
}

const folder = mkdtempSync(join(tmpdir(), 'sallyport-database-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

async function open(): Promise<OpenDatabase<Tables>> {
  const database = await openDatabase<Tables>({ path: join(folder, `${files++}.db`), busyMs: 100 });
  database.script('create table things (id integer primary key, name text not null unique, blob blob)');
  return database;
}

test('rows go in and come out through the query builder and as text', async () => {
  const database = await open();
  const inserted = await database.db
    .insertInto('things')
    .values({ id: 1, name: 'a', blob: Uint8Array.of(1, 2) })
    .executeTakeFirst();
  assert.equal(inserted.numInsertedOrUpdatedRows, 1n);
  const returned = await database.db
    .insertInto('things')
    .values({ id: 2, name: 'b', blob: null })
    .returning('id')
    .execute();
  assert.deepEqual(
    returned.map((row) => row.id),
    [2],
  );
  const rows = await database.db.selectFrom('things').selectAll().orderBy('id').execute();
  assert.deepEqual([...(rows[0]?.blob ?? [])], [1, 2]);
  assert.deepEqual(
    (await database.sql('select count(*) as n from things where name = ?', ['a']))[0]?.['n'],
    1,
  );
  const streamed: string[] = [];
  for await (const row of database.db.selectFrom('things').select('name').orderBy('id').stream())
    streamed.push(row.name);
  assert.deepEqual(streamed, ['a', 'b']);
  await database.close();
});

test('journal, sync and foreign keys are as promised', async () => {
  const database = await open();
  assert.equal((await database.sql('PRAGMA journal_mode', []))[0]?.['journal_mode'], 'wal');
  assert.equal((await database.sql('PRAGMA synchronous', []))[0]?.['synchronous'], 2);
  assert.equal((await database.sql('PRAGMA foreign_keys', []))[0]?.['foreign_keys'], 1);
  assert.equal(database.damage(), undefined);
  await database.close();
});

test('transactions take turns, and one that throws leaves nothing', async () => {
  const database = await open();
  const order: string[] = [];
  const add = (id: number, fail: boolean) =>
    database.db.transaction().execute(async (tx) => {
      order.push(`begin ${id}`);
      await tx
        .insertInto('things')
        .values({ id, name: `n${id}`, blob: null })
        .execute();
      await new Promise(setImmediate);
      order.push(`end ${id}`);
      if (fail) throw new Error('no');
    });
  const results = await Promise.allSettled([
    add(1, false),
    add(2, true),
    add(3, false),
    database.sql('select 1', []),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  );
  assert.deepEqual(order, ['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
  const rows = await database.db.selectFrom('things').select('id').orderBy('id').execute();
  assert.deepEqual(
    rows.map((row) => row.id),
    [1, 3],
  );
  await database.close();
});

test('errors carry their code, also after the store is closed', async () => {
  const database = await open();
  await database.db.insertInto('things').values({ id: 1, name: 'a', blob: null }).execute();
  const twice = database.db.insertInto('things').values({ id: 2, name: 'a', blob: null }).execute();
  await assert.rejects(twice, (error) => sqliteCode(error) === SQLITE.constraint);
  // A value that no column can hold is our mistake, not the database's.
  await assert.rejects(
    database.db
      .selectFrom('things')
      .selectAll()
      .where('name', '=', {} as string)
      .execute(),
    TypeError,
  );
  await database.close();
  await assert.rejects(database.sql('select 1', []), { code: 'ERR_INVALID_STATE' });
});

test('a full disk rolls back and the database works on', async () => {
  const database = await open();
  await database.sql('PRAGMA max_page_count = 10', []);
  const big = database.db.transaction().execute(async (tx) => {
    await tx.insertInto('things').values({ id: 1, name: 'x', blob: null }).execute();
    await tx
      .insertInto('things')
      .values({ id: 2, name: 'y', blob: new Uint8Array(100_000) })
      .execute();
  });
  await assert.rejects(big, (error) => sqliteCode(error) === SQLITE.full);
  assert.deepEqual(await database.db.selectFrom('things').select('id').execute(), []);
  await database.close();
});

test('a file that is no database is refused with its code', async () => {
  const path = join(folder, 'text.db');
  writeFileSync(path, 'this is no database, whatever its name says. '.repeat(100));
  await assert.rejects(
    openDatabase({ path, busyMs: 0 }),
    (error) => sqliteCode(error) === SQLITE.notADatabase,
  );
});

test('a lock keeps others out until it is released or its process ends', async () => {
  const path = join(folder, 'lock');
  const lock = await lockFile(path);
  assert.ok(lock !== undefined);
  assert.equal(await lockFile(path), undefined);
  lock.release();
  const module = new URL('database.io.ts', import.meta.url).href;
  const script = `const { lockFile } = await import(${JSON.stringify(module)});
    console.log((await lockFile(${JSON.stringify(path)})) !== undefined);
    process.kill(process.pid, 'SIGKILL');`;
  const other = () =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  // The child has it and dies without letting go.
  assert.throws(other, (error) => String(Reflect.get(Object(error), 'stdout')).trim() === 'true');
  const again = await lockFile(path);
  assert.ok(again !== undefined);
  again.release();
});
