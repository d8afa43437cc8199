import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type Clock, messageOf } from '../../kernel/index.ts';
import { SQLITE, sqliteCode } from '../../platform/index.ts';
import { COLUMNS, type EventRow } from './event.ts';
import { dayOf, nextPartition, partitionOf, startOf } from './partition.ts';
import { SettledTime } from './settled-time.ts';

export interface WriterLimits {
  /** Files of days that ended longer ago are removed. */
  readonly keepDays: number;
  /** Of all files together; the oldest are removed. */
  readonly keepBytes: number;
  /** A file that is larger is followed by another of the same day. */
  readonly partBytes: number;
}

/** Where rows were put: the first of them has this number, the others follow. */
export interface Stored {
  readonly partition: string;
  readonly firstRow: number;
}

const CREATE = `create table if not exists events (
  id integer primary key, time_ms integer not null, type text not null, severity integer not null, door text,
  source text, user text, target text, host text, reason text, rule text, feed text, count integer not null,
  details text not null
);
create index if not exists by_type on events (type);
create index if not exists by_severity on events (severity) where severity > 0;
create index if not exists by_door on events (door) where door is not null;
create index if not exists by_source on events (source) where source is not null;
create index if not exists by_user on events (user) where user is not null;
create index if not exists by_host on events (host) where host is not null;
create index if not exists by_rule on events (rule) where rule is not null;
create index if not exists by_feed on events (feed) where feed is not null`;

const INSERT = `insert into events (${COLUMNS.join(', ')}) values (${COLUMNS.map(() => '?').join(', ')})`;
const DAY_MS = 86_400_000;
/** Sizes are looked at after so many batches: a look is one `stat`. */
const LOOK_BATCHES = 16;

interface Open {
  readonly partition: string;
  readonly database: DatabaseSync;
  readonly insert: StatementSync;
  batches: number;
}

/** Writes events into the file of the day. Synchronous: it has a thread of its own. */
export class EventWriter {
  readonly #dir: string;
  readonly #limits: WriterLimits;
  readonly #clock: Clock;
  #time: SettledTime | undefined;
  #open: Open | undefined;

  constructor(dir: string, limits: WriterLimits, clock: Clock) {
    this.#dir = dir;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** All rows or none. Throws what SQLite says; the next call tries anew. */
  write(rows: readonly EventRow[]): Stored {
    try {
      const { partition, database, insert } = this.#current();
      database.exec('begin');
      let firstRow = 0;
      for (const row of rows) {
        const { lastInsertRowid } = insert.run(...row);
        if (firstRow === 0) firstRow = Number(lastInsertRowid);
      }
      database.exec('commit');
      return { partition, firstRow };
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  /** Removes what is too old or too much; how many files. */
  tidy(): number {
    const files = this.#files();
    const oldest = startOf(`${dayOf(this.#settled().now() - this.#limits.keepDays * DAY_MS)}-00`);
    let bytes = files.reduce((sum, each) => sum + each.bytes, 0);
    let removed = 0;
    for (const { partition, bytes: size } of files) {
      const tooOld = startOf(partition) < oldest;
      if (!tooOld && bytes <= this.#limits.keepBytes) break;
      // What is being written stays; a setting below one file keeps that one.
      if (partition === this.#open?.partition || partition === files.at(-1)?.partition) break;
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${this.#path(partition)}${suffix}`, { force: true });
      bytes -= size;
      removed++;
    }
    return removed;
  }

  close(): void {
    this.#open?.database.close();
    this.#open = undefined;
  }

  /** Before the first write, so that it knows what was newest before this run. */
  #settled(): SettledTime {
    if (this.#time !== undefined) return this.#time;
    const newest = this.#files().at(-1)?.partition;
    return (this.#time = new SettledTime(this.#clock, newest === undefined ? undefined : startOf(newest)));
  }

  #current(): Open {
    const day = dayOf(this.#clock.now());
    const open = this.#open;
    if (open !== undefined && open.partition.startsWith(day) && !this.#isFull(open)) return open;
    this.close();
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    this.#settled();
    // Of this day: a clock that was ahead has left files of days to come.
    const last = this.#files().findLast((each) => each.partition.startsWith(day));
    const goOn = last !== undefined && last.bytes < this.#limits.partBytes;
    const partition = goOn ? last.partition : nextPartition(day, last?.partition);
    const database = new DatabaseSync(this.#path(partition), { timeout: 1000 });
    try {
      // Events may lose the last moment of a power cut, not more: commits come ten times a second.
      database.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -16000');
      database.exec(CREATE);
      this.#open = { partition, database, insert: database.prepare(INSERT), batches: 0 };
      return this.#open;
    } catch (error) {
      database.close();
      this.#setAside(partition, error);
      throw error;
    }
  }

  #isFull(open: Open): boolean {
    if (++open.batches % LOOK_BATCHES !== 0) return false;
    return statSync(this.#path(open.partition)).size >= this.#limits.partBytes;
  }

  #failed(error: unknown): void {
    const partition = this.#open?.partition;
    try {
      this.#open?.database.close();
    } catch {
      // It is given up in any case.
    }
    this.#open = undefined;
    if (partition !== undefined) this.#setAside(partition, error);
  }

  /** A file that is no database any more is kept under another name, and a new one begun. */
  #setAside(partition: string, error: unknown): void {
    const code = sqliteCode(error);
    if (code !== SQLITE.corrupt && code !== SQLITE.notADatabase) return;
    const path = this.#path(partition);
    try {
      renameSync(path, `${path}.damaged-${this.#clock.now()}`);
      for (const suffix of ['-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
    } catch (cause) {
      throw new Error(`${path} is damaged and cannot be moved: ${messageOf(cause)}`, { cause });
    }
  }

  #path(partition: string): string {
    return join(this.#dir, `${partition}.db`);
  }

  /** Oldest first. */
  #files(): readonly { readonly partition: string; readonly bytes: number }[] {
    return readdirSync(this.#dir)
      .flatMap((name) => partitionOf(name) ?? [])
      .toSorted()
      .map((partition) => ({ partition, bytes: statSync(this.#path(partition)).size }));
  }
}
