import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { CompiledQuery, DatabaseConnection, Driver, Kysely, QueryResult, Transaction } from 'kysely';

/** The query builder over a database with these tables. */
export type Database<Tables> = Kysely<Tables>;
/** The same inside a transaction. Code in one must use it alone: the database itself would wait for it forever. */
export type DatabaseTransaction<Tables> = Transaction<Tables>;

export interface OpenDatabase<Tables> {
  readonly db: Database<Tables>;
  /** One statement as text, in turn with those of `db`. */
  sql(text: string, parameters: readonly (string | number | null)[]): Promise<readonly Row[]>;
  /** A script without parameters, at once. Only before anything else uses the database. */
  script(text: string): void;
  /** What SQLite's own check finds wrong; `undefined`: nothing. */
  damage(): string | undefined;
  /** Finishes what waits and closes. After that, queries reject. */
  close(): Promise<void>;
}

export type Row = Readonly<Record<string, unknown>>;

export interface DatabaseOptions {
  readonly path: string;
  /** How long another process may hold the file. */
  readonly busyMs: number;
}

/**
 * Opens a SQLite file. WAL, so that readers of other processes never wait for us; `synchronous = FULL`, so that
 * a revoked token or an audit entry that was acknowledged is there after a power cut (NORMAL may lose the last
 * ones). A commit then costs one fsync: rare writes here, and events come in batches.
 *
 * The query builder is loaded on the first call: edges import this folder and never open a database.
 */
export async function openDatabase<Tables>(options: DatabaseOptions): Promise<OpenDatabase<Tables>> {
  const [
    { DatabaseSync: Sqlite },
    { Kysely: Builder, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler },
  ] = await Promise.all([import('node:sqlite'), import('kysely')]);
  const sqlite = new Sqlite(options.path, { timeout: options.busyMs });
  try {
    sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
  } catch (error) {
    sqlite.close();
    throw error;
  }
  const turns = new Turns();
  const db = new Builder<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new SqliteTurnDriver(sqlite, turns),
      createIntrospector: (database) => new SqliteIntrospector(database),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  return {
    db,
    async sql(text, parameters) {
      const done = await turns.take();
      try {
        return run(sqlite.prepare(text), parameters).rows;
      } finally {
        done();
      }
    },
    script: (text) => sqlite.exec(text),
    damage() {
      const [row] = sqlite.prepare('PRAGMA quick_check(1)').all();
      const text = String(row?.['quick_check'] ?? 'no answer');
      return text === 'ok' ? undefined : text;
    },
    async close() {
      const done = await turns.take();
      sqlite.close();
      // Those that still wait get their turn and reject, because the database is closed.
      done();
    },
  };
}

/**
 * A consistent copy of a database that others may be writing, made by SQLite's own backup. Tables that are named are
 * empty in the copy, where there are such.
 */
export async function copyDatabase(from: string, to: string, emptied: readonly string[] = []): Promise<void> {
  const { backup, DatabaseSync: Sqlite } = await import('node:sqlite');
  const source = new Sqlite(from, { readOnly: true, timeout: 5000 });
  try {
    await backup(source, to);
  } finally {
    source.close();
  }
  if (emptied.length === 0) return;
  const copy = new Sqlite(to);
  try {
    const known = copy.prepare("select 1 from sqlite_master where type = 'table' and name = ?");
    for (const table of emptied) if (known.get(table) !== undefined) copy.exec(`delete from "${table}"`);
  } finally {
    copy.close();
  }
}

/**
 * A lock that dies with its process: an exclusive transaction on a file of its own, which the system lets go
 * of when the process ends, however it ends. `undefined`: somebody else has it.
 */
export async function lockFile(path: string): Promise<{ release(): void } | undefined> {
  const { DatabaseSync: Sqlite } = await import('node:sqlite');
  const lock = new Sqlite(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (sqliteCode(error) === SQLITE.busy) return undefined;
    throw error;
  }
  return { release: () => lock.close() };
}

/** Primary result codes that callers tell apart: https://sqlite.org/rescode.html */
export const SQLITE = {
  busy: 5,
  readonly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  constraint: 19,
  notADatabase: 26,
} as const;

/** The primary result code behind an error; `undefined` when it did not come from SQLite. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & 0xff;
}

/** One connection, one user of it at a time, first come first served: a transaction is never mixed with others. */
class Turns {
  #last: Promise<void> = Promise.resolve();

  async take(): Promise<() => void> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    return resolve;
  }
}

class SqliteTurnDriver implements Driver {
  readonly #sqlite: DatabaseSync;
  readonly #turns: Turns;
  readonly #connection: DatabaseConnection;
  #done: () => void = () => undefined;

  constructor(sqlite: DatabaseSync, turns: Turns) {
    this.#sqlite = sqlite;
    this.#turns = turns;
    this.#connection = new SqliteConnection(sqlite);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    this.#done = await this.#turns.take();
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#done();
  }

  /** IMMEDIATE: the write lock is taken now, so no transaction fails in its middle because it was upgraded. */
  async beginTransaction(): Promise<void> {
    this.#sqlite.exec('BEGIN IMMEDIATE');
  }

  async commitTransaction(): Promise<void> {
    this.#sqlite.exec('COMMIT');
  }

  async rollbackTransaction(): Promise<void> {
    // After a full disk or an I/O error SQLite has rolled back by itself.
    if (this.#sqlite.isTransaction) this.#sqlite.exec('ROLLBACK');
  }

  async destroy(): Promise<void> {}
}

class SqliteConnection implements DatabaseConnection {
  readonly #sqlite: DatabaseSync;

  constructor(sqlite: DatabaseSync) {
    this.#sqlite = sqlite;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes } = run(this.#sqlite.prepare(query.sql), query.parameters);
    // The builder's types say what the columns are; the tables were made by our migrations.
    return { rows: rows as R[], numAffectedRows: BigInt(changes) };
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    for (const row of this.#sqlite.prepare(query.sql).iterate(...query.parameters.map(inputValue))) {
      // As above.
      yield { rows: [row as R] };
    }
  }
}

function run(
  statement: StatementSync,
  parameters: readonly unknown[],
): { readonly rows: Row[]; readonly changes: number } {
  const values = parameters.map(inputValue);
  if (statement.columns().length > 0) return { rows: statement.all(...values), changes: 0 };
  return { rows: [], changes: Number(statement.run(...values).changes) };
}

function inputValue(value: unknown): SQLInputValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || value === null)
    return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`not a value of a column: ${typeof value}`);
}
