import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../../kernel/index.ts';
import { type OpenDatabase, openDatabase } from '../../platform/index.ts';
import type { TaxiiObject, TaxiiRecord, TaxiiStatus } from '../../protocols/taxii/index.ts';
import { exportErrors } from './errors.ts';

interface Tables {
  readonly objects: {
    readonly collection: string;
    readonly id: string;
    readonly version: string;
    readonly spec_version: string;
    readonly type: string;
    readonly date_added: string;
    readonly body: string;
  };
  readonly statuses: {
    readonly id: string;
    readonly collection: string;
    readonly at_ms: number;
    readonly pending: number;
    readonly body: string;
  };
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS objects (
    collection TEXT NOT NULL, id TEXT NOT NULL, version TEXT NOT NULL, spec_version TEXT NOT NULL,
    type TEXT NOT NULL, date_added TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (collection, id, version, spec_version)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS statuses (
    id TEXT PRIMARY KEY, collection TEXT NOT NULL, at_ms INTEGER NOT NULL, pending INTEGER NOT NULL, body TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** How long another process (a backup, an operator's shell) may hold the file. */
const BUSY_MS = 5000;
/** Rows of one statement: SQLite takes 32,766 parameters. */
const BATCH = 500;

/** Objects that clients wrote, in a file of their own: `taxii.sqlite`. Opened at its first use. */
export class WrittenStore {
  readonly #path: string;
  #opening: Promise<OpenDatabase<Tables>> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async records(collection: string): Promise<readonly TaxiiRecord[]> {
    const { db } = await this.#database();
    const rows = await db
      .selectFrom('objects')
      .select(['id', 'type', 'version', 'spec_version', 'date_added'])
      .where('collection', '=', collection)
      .execute();
    return rows.map(({ id, type, version, spec_version, date_added }) => ({
      id,
      type,
      version,
      specVersion: spec_version,
      dateAdded: date_added,
    }));
  }

  /** The objects of the first records, at least one, until they have so many characters. */
  async bodies(
    collection: string,
    records: readonly TaxiiRecord[],
    charsMax: number,
  ): Promise<readonly TaxiiObject[]> {
    const { db } = await this.#database();
    const objects: TaxiiObject[] = [];
    let chars = 0;
    for (const { id, version, specVersion } of records) {
      const row = await db
        .selectFrom('objects')
        .select('body')
        .where('collection', '=', collection)
        .where('id', '=', id)
        .where('version', '=', version)
        .where('spec_version', '=', specVersion)
        .executeTakeFirst();
      // Only `add` writes bodies, and it writes objects.
      if (row === undefined) continue;
      chars += row.body.length;
      if (chars > charsMax && objects.length > 0) break;
      objects.push(JSON.parse(row.body) as TaxiiObject);
    }
    return objects;
  }

  /** Adds what is not there; a version that is there already stays as it is (§5.5). */
  async add(
    collection: string,
    added: readonly { readonly record: TaxiiRecord; readonly object: TaxiiObject }[],
  ): Promise<void> {
    const { db } = await this.#database();
    await db.transaction().execute(async (tx) => {
      for (let at = 0; at < added.length; at += BATCH) {
        const rows = added.slice(at, at + BATCH).map(({ record, object }) => ({
          collection,
          id: record.id,
          version: record.version,
          spec_version: record.specVersion,
          type: record.type,
          date_added: record.dateAdded,
          body: JSON.stringify(object),
        }));
        await tx
          .insertInto('objects')
          .values(rows)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    });
  }

  async remove(collection: string, records: readonly TaxiiRecord[]): Promise<void> {
    const { db } = await this.#database();
    await db.transaction().execute(async (tx) => {
      for (const { id, version, specVersion } of records) {
        await tx
          .deleteFrom('objects')
          .where('collection', '=', collection)
          .where('id', '=', id)
          .where('version', '=', version)
          .where('spec_version', '=', specVersion)
          .execute();
      }
    });
  }

  async drop(collection: string): Promise<void> {
    const { db } = await this.#database();
    await db.deleteFrom('objects').where('collection', '=', collection).execute();
    await db.deleteFrom('statuses').where('collection', '=', collection).execute();
  }

  async putStatus(collection: string, status: TaxiiStatus, atMs: number, keepMax: number): Promise<void> {
    const { db } = await this.#database();
    const values = { pending: status.status === 'pending' ? 1 : 0, body: JSON.stringify(status) };
    await db
      .insertInto('statuses')
      .values({ id: status.id, collection, at_ms: atMs, ...values })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
      .execute();
    const last = await db
      .selectFrom('statuses')
      .select('at_ms')
      .orderBy('at_ms', 'desc')
      .offset(keepMax)
      .limit(1)
      .executeTakeFirst();
    if (last !== undefined) await db.deleteFrom('statuses').where('at_ms', '<=', last.at_ms).execute();
  }

  async status(id: string): Promise<TaxiiStatus | undefined> {
    const { db } = await this.#database();
    const row = await db.selectFrom('statuses').select('body').where('id', '=', id).executeTakeFirst();
    // Only `putStatus` writes bodies.
    return row === undefined ? undefined : (JSON.parse(row.body) as TaxiiStatus);
  }

  /** Writes whose objects were stored but may not have reached the indicators. */
  async pending(): Promise<readonly { readonly collection: string; readonly status: TaxiiStatus }[]> {
    const { db } = await this.#database();
    const rows = await db
      .selectFrom('statuses')
      .select(['collection', 'body'])
      .where('pending', '=', 1)
      .execute();
    return rows.map(({ collection, body }) => ({ collection, status: JSON.parse(body) as TaxiiStatus }));
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    if (opening !== undefined) await (await opening).close();
  }

  #database(): Promise<OpenDatabase<Tables>> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<OpenDatabase<Tables>> {
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      const database = await openDatabase<Tables>({ path: this.#path, busyMs: BUSY_MS });
      database.script(SCHEMA);
      return database;
    } catch (error) {
      this.#opening = undefined;
      throw exportErrors.COLLECTION_STORE({ path: this.#path, reason: messageOf(error) }, { cause: error });
    }
  }
}
