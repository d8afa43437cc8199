import type { OpenDatabase } from '../../platform/index.ts';
import { stateErrors } from './errors.ts';
import { MIGRATIONS, type Migration } from './migrations/index.ts';
import type { Tables } from './tables.ts';

/** `SALP`: marks the file as ours, https://sqlite.org/pragma.html#pragma_application_id */
const APPLICATION_ID = 0x53_41_4c_50;

/** Brings the schema to the newest migration, each in a transaction of its own. Returns the names of those that ran. */
export async function migrate(
  database: OpenDatabase<Tables>,
  path: string,
  nowMs: number,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<readonly string[]> {
  const [id] = await database.sql('PRAGMA application_id', []);
  if (id?.['application_id'] !== APPLICATION_ID) {
    const [tables] = await database.sql('select count(*) as count from sqlite_master', []);
    if (tables?.['count'] !== 0) throw stateErrors.STATE_FOREIGN({ path });
    database.script(
      `BEGIN;
       create table migrations (number integer primary key, name text not null, at_ms integer not null);
       PRAGMA application_id = ${APPLICATION_ID};
       COMMIT`,
    );
  }
  const last = await database.db
    .selectFrom('migrations')
    .select('number')
    .orderBy('number', 'desc')
    .executeTakeFirst();
  const done = last?.number ?? 0;
  const known = migrations.at(-1)?.number ?? 0;
  if (done > known) throw stateErrors.STATE_TOO_NEW({ path, found: done, known });
  const ran: string[] = [];
  for (const { number, name, statements } of migrations) {
    if (number <= done) continue;
    // SQLite's DDL is part of the transaction: a step that fails leaves the one before.
    database.script(
      [
        'BEGIN IMMEDIATE',
        ...statements,
        `insert into migrations (number, name, at_ms) values (${number}, '${name}', ${Math.floor(nowMs)})`,
        'COMMIT',
      ].join(';\n'),
    );
    ran.push(`${String(number).padStart(3, '0')}-${name}`);
  }
  return ran;
}
