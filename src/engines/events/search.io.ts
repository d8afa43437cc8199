import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type EventItem, itemOf } from './event.ts';
import { formatPosition, parsePosition, partitionOf, startOf } from './partition.ts';
import { type Condition, conditionsOf, type EventSearch, LIMIT_DEFAULT, LIMIT_MAX } from './query.ts';

export interface EventPage {
  /** Newest first. */
  readonly items: readonly EventItem[];
  /** Where to go on; absent: there is nothing older. */
  readonly cursor?: string;
  /** Everything newer than this was looked at. ISO 8601. */
  readonly scannedTo: string;
  /** False: the time was over before the page was full or the end reached; the cursor goes on. */
  readonly complete: boolean;
}

export interface SearchOptions {
  /** Milliseconds for one page. */
  readonly budgetMs: number;
  now(): number;
}

/** Rows that are looked at between two looks at the clock; grows while that is quick. */
const STEP_FIRST = 20_000;
const STEP_MAX = 2_000_000;
const STEP_QUICK_MS = 25;
const OPEN_MAX = 4;
/** Edges send what happened a moment ago: times in a file go up, but for this much. */
const DISORDER_MS = 60_000;

/**
 * Searches the files from the newest row down, in ranges of rows: each range is one statement that SQLite answers
 * from an index where the question has one. So every question ends in bounded time, with what it found by then.
 */
export class EventReader {
  readonly #dir: string;
  readonly #options: SearchOptions;
  readonly #open = new Map<string, DatabaseSync>();

  constructor(dir: string, options: SearchOptions) {
    this.#dir = dir;
    this.#options = options;
  }

  search(query: EventSearch): EventPage {
    const started = this.#options.now();
    const over = (): boolean => this.#options.now() - started >= this.#options.budgetMs;
    const limit = Math.max(1, Math.min(LIMIT_MAX, Math.floor(query.limit ?? LIMIT_DEFAULT)));
    const conditions = conditionsOf(query);
    const from = query.cursor === undefined ? undefined : parsePosition(query.cursor);
    const items: EventItem[] = [];
    let scannedMs = Date.now();
    for (const partition of this.#partitions(query, from?.partition)) {
      const database = this.#database(partition);
      if (database === undefined) continue;
      let high = from?.partition === partition ? from.row - 1 : lastRow(database);
      if (query.untilMs !== undefined)
        high = Math.min(high, rowAt(database, high, query.untilMs + DISORDER_MS));
      let step = STEP_FIRST;
      while (high > 0) {
        const low = Math.max(1, high - step + 1);
        const began = this.#options.now();
        const rows = rangeOf(database, { conditions, low, high, limit: limit - items.length });
        for (const row of rows)
          items.push(itemOf(formatPosition({ partition, row: Number(row['id']) }), row));
        if (items.length >= limit) {
          const last = items.at(-1)!;
          return { items, cursor: last.id, scannedTo: last.time, complete: true };
        }
        scannedMs = timeAt(database, low) ?? scannedMs;
        if (query.sinceMs !== undefined && scannedMs < query.sinceMs - DISORDER_MS) break;
        high = low - 1;
        if (over()) {
          const cursor = formatPosition({ partition, row: low });
          return { items, cursor, scannedTo: new Date(scannedMs).toISOString(), complete: false };
        }
        if (this.#options.now() - began < STEP_QUICK_MS) step = Math.min(STEP_MAX, step * 4);
      }
    }
    return { items, scannedTo: new Date(query.sinceMs ?? 0).toISOString(), complete: true };
  }

  close(): void {
    for (const database of this.#open.values()) database.close();
    this.#open.clear();
  }

  /** Newest first, those alone that can hold an answer. */
  #partitions({ sinceMs, untilMs }: EventSearch, from: string | undefined): readonly string[] {
    let names: string[];
    try {
      names = readdirSync(this.#dir);
    } catch {
      // Nothing has happened yet.
      return [];
    }
    const day = 86_400_000;
    return names
      .flatMap((name) => partitionOf(name) ?? [])
      .filter((partition) => from === undefined || partition <= from)
      .filter((partition) => sinceMs === undefined || startOf(partition) + day + DISORDER_MS > sinceMs)
      .filter((partition) => untilMs === undefined || startOf(partition) - DISORDER_MS <= untilMs)
      .toSorted()
      .toReversed();
  }

  /** `undefined`: the file was removed, or is damaged: the others are searched all the same. */
  #database(partition: string): DatabaseSync | undefined {
    const known = this.#open.get(partition);
    if (known !== undefined) return known;
    try {
      const database = new DatabaseSync(join(this.#dir, `${partition}.db`), {
        readOnly: true,
        timeout: 1000,
      });
      database.exec('pragma cache_size = -64000; pragma mmap_size = 1073741824');
      database.prepare('select 1 from events limit 1').get();
      for (const oldest of [...this.#open.keys()].slice(0, Math.max(0, this.#open.size - OPEN_MAX + 1))) {
        this.#open.get(oldest)?.close();
        this.#open.delete(oldest);
      }
      this.#open.set(partition, database);
      return database;
    } catch {
      return undefined;
    }
  }
}

interface Range {
  readonly conditions: readonly Condition[];
  readonly low: number;
  readonly high: number;
  readonly limit: number;
}

function rangeOf(database: DatabaseSync, { conditions, low, high, limit }: Range) {
  const where = ['id between ? and ?', ...conditions.map(({ sql }) => sql)].join(' and ');
  const values = [low, high, ...conditions.flatMap((condition) => condition.values), limit];
  return database.prepare(`select * from events where ${where} order by id desc limit ?`).all(...values);
}

function lastRow(database: DatabaseSync): number {
  return Number(database.prepare('select max(id) as row from events').get()?.['row'] ?? 0);
}

function timeAt(database: DatabaseSync, row: number): number | undefined {
  const time = database.prepare('select time_ms from events where id = ?').get(row)?.['time_ms'];
  return typeof time === 'number' ? time : undefined;
}

/** The last row that is not newer: rows have no holes and nearly ascending times. */
function rowAt(database: DatabaseSync, high: number, timeMs: number): number {
  let low = 0;
  let top = high;
  while (low < top) {
    const middle = Math.ceil((low + top) / 2);
    if ((timeAt(database, middle) ?? 0) <= timeMs) low = middle;
    else top = middle - 1;
  }
  return low;
}
