import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type EventItem, itemOf } from './event.ts';
import { formatPosition, parsePosition, partitionOf, startOf } from './partition.ts';
import {
  byRarity,
  candidatesOf,
  type Field,
  filtered,
  nextAt,
  type Range,
  scanned,
} from './candidates.io.ts';
import {
  type Condition,
  conditionsOf,
  type EventSearch,
  LIMIT_DEFAULT,
  LIMIT_MAX,
  lookupsOf,
} from './query.ts';

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

/**
 * Rows that are looked at between two looks at the clock: grows while that is quick, and shrinks when it is not. A row
 * that an index found is a look of its own into the file.
 */
const CHUNK = { first: 1000, max: 64_000 } as const;
const QUICK_MS = 10;
const SLOW_MS = 30;
const OPEN_MAX = 4;
/** Edges send what happened a moment ago: times in a file go up, but for this much. */
const DISORDER_MS = 60_000;

/**
 * Searches the files from the newest row down, in chunks: the rarest of the values that are asked for says which rows
 * are looked at, or, without an index, all of them. A chunk is a number of rows, not of matches, so every question
 * ends in bounded time with what it found by then.
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
    const from = query.cursor === undefined ? undefined : parsePosition(query.cursor);
    const items: EventItem[] = [];
    let scannedMs = Date.now();
    for (const partition of this.#partitions(query, from?.partition)) {
      const database = this.#database(partition);
      if (database === undefined) continue;
      const walk = new Walk(database, query, from?.partition === partition ? from.row - 1 : undefined);
      let chunk: number = CHUNK.first;
      while (!walk.isOver) {
        const began = this.#options.now();
        for (const row of walk.next(chunk, limit - items.length)) {
          items.push(itemOf(formatPosition({ partition, row: Number(row['id']) }), row));
        }
        if (items.length >= limit) {
          const last = items.at(-1)!;
          return { items, cursor: last.id, scannedTo: last.time, complete: true };
        }
        scannedMs = walk.timeMs ?? scannedMs;
        if (over()) {
          const cursor = formatPosition({ partition, row: walk.row });
          return { items, cursor, scannedTo: new Date(scannedMs).toISOString(), complete: false };
        }
        const tookMs = this.#options.now() - began;
        if (tookMs < QUICK_MS) chunk = Math.min(CHUNK.max, chunk * 2);
        else if (tookMs > SLOW_MS) chunk = Math.max(CHUNK.first, chunk / 2);
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

/** One question in one file, from the newest row down. */
class Walk {
  readonly #database: DatabaseSync;
  readonly #conditions: readonly Condition[];
  readonly #fields: readonly Field[];
  readonly #low: number;
  #high: number;

  constructor(database: DatabaseSync, query: EventSearch, from: number | undefined) {
    const { sinceMs, untilMs, type } = query;
    this.#database = database;
    this.#conditions = conditionsOf(query);
    const last = from ?? lastRow(database);
    this.#high = untilMs === undefined ? last : Math.min(last, rowAt(database, last, untilMs + DISORDER_MS));
    this.#low = sinceMs === undefined ? 1 : rowAt(database, this.#high, sinceMs - DISORDER_MS) + 1;
    const fields = lookupsOf(query, type?.endsWith('.') === true ? typesIn(database) : []);
    this.#fields = this.isOver ? [] : byRarity(database, fields, this.#range);
  }

  get isOver(): boolean {
    return this.#high < this.#low;
  }

  /** Everything from this row on was looked at. */
  get row(): number {
    return this.#high + 1;
  }

  get timeMs(): number | undefined {
    return timeAt(this.#database, this.row);
  }

  get #range(): Range {
    return { low: this.#low, high: this.#high };
  }

  /** Looks at so many rows, and gives those that fit. */
  next(count: number, limit: number): readonly Readonly<Record<string, unknown>>[] {
    if (this.#fields.length === 0) {
      const range = { low: Math.max(this.#low, this.#high - count + 1), high: this.#high };
      this.#high = range.low - 1;
      return scanned(this.#database, range, this.#conditions, limit);
    }
    const high = nextAt(this.#database, this.#fields, this.#range);
    if (high === undefined) {
      this.#high = this.#low - 1;
      return [];
    }
    const { ids, low } = candidatesOf(this.#database, this.#fields, { low: this.#low, high }, count);
    this.#high = low - 1;
    return filtered(this.#database, ids, this.#conditions, limit);
  }
}

/** The types of a file, each found by one look into their index. */
function typesIn(database: DatabaseSync): readonly string[] {
  const next = database.prepare('select min(type) as type from events where type > ?');
  const found: string[] = [];
  for (let last = ''; ; last = found.at(-1)!) {
    const type = next.get(last)?.['type'];
    if (typeof type !== 'string') return found;
    found.push(type);
  }
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
