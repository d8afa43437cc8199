import { createHash } from 'node:crypto';
import type { Clock, Log, Prevalence } from '../../kernel/index.ts';
import { WriteBehind } from '../state/index.ts';

export interface PrevalenceStoreOptions {
  sql(
    text: string,
    parameters: readonly (string | number | null)[],
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Of all files together; may change. 0: nothing is kept. */
  entriesMax(): number;
}

/** Sources are counted up to here; which they were is kept as a few bits each. */
export const SOURCES_MAX = 64;
const SOURCE_DIGITS = 6;
const FLUSH_MS = 1000;
const ROWS_A_STATEMENT = 50;
/** Not yet on the disk; beyond it the oldest are given up. */
const WAITING_MAX = 20_000;

const CREATE = `create table if not exists file_prevalence (
  sha256 text primary key, first_ms integer not null, last_ms integer not null,
  count integer not null, sources text not null)`;
const CREATE_INDEX = 'create index if not exists file_prevalence_last on file_prevalence (last_ms)';

interface Entry {
  readonly firstMs: number;
  lastMs: number;
  count: number;
  sources: string;
}

/** When a file was first seen here, how often, and by how many; in the database of control, the oldest leave first. */
export class PrevalenceStore {
  readonly #options: PrevalenceStoreOptions;
  readonly #rows: WriteBehind<Entry>;

  constructor(options: PrevalenceStoreOptions) {
    this.#options = options;
    this.#rows = new WriteBehind({
      put: (rows) => this.#put(rows),
      rowsAStatement: ROWS_A_STATEMENT,
      shrink: () => this.#shrink(),
      weightOf: () => 1,
      weightMax: WAITING_MAX,
      failed: (error) => options.log.warn('prevalence.not-stored', { error }),
      flushMs: FLUSH_MS,
    });
  }

  async open(): Promise<void> {
    await this.#options.sql(CREATE, []);
    await this.#options.sql(CREATE_INDEX, []);
  }

  /** Counts one sight, and tells what is known with it. `undefined`: nothing is kept. */
  async seen(sha256: string, source: string): Promise<Prevalence | undefined> {
    if (this.#rows.closed || this.#options.entriesMax() === 0) return undefined;
    const found = this.#rows.get(sha256) ?? (await this.#stored(sha256));
    const nowMs = this.#options.clock.now();
    // Another sight may have come while the database was asked.
    const before = this.#rows.get(sha256) ?? found;
    const entry: Entry = {
      firstMs: before?.firstMs ?? nowMs,
      lastMs: nowMs,
      count: (before?.count ?? 0) + 1,
      sources: withSource(before?.sources ?? '', source),
    };
    this.#rows.set(sha256, entry);
    return viewOf(entry);
  }

  /** Without counting. */
  async known(sha256: string): Promise<Prevalence | undefined> {
    const entry = this.#rows.get(sha256) ?? (await this.#stored(sha256));
    return entry === undefined ? undefined : viewOf(entry);
  }

  flush(): Promise<void> {
    return this.#rows.flush();
  }

  close(): Promise<void> {
    return this.#rows.close();
  }

  async #stored(sha256: string): Promise<Entry | undefined> {
    const [row] = await this.#options.sql(
      'select first_ms, last_ms, count, sources from file_prevalence where sha256 = ?',
      [sha256],
    );
    if (row === undefined) return undefined;
    return {
      firstMs: Number(row['first_ms']),
      lastMs: Number(row['last_ms']),
      count: Number(row['count']),
      sources: typeof row['sources'] === 'string' ? row['sources'] : '',
    };
  }

  async #shrink(): Promise<void> {
    await this.#options.sql(
      `delete from file_prevalence where sha256 in (
         select sha256 from file_prevalence order by last_ms desc limit -1 offset ?)`,
      [this.#options.entriesMax()],
    );
  }

  async #put(rows: readonly (readonly [string, Entry])[]): Promise<void> {
    const values = rows.map(() => '(?, ?, ?, ?, ?)').join(', ');
    await this.#options.sql(
      `insert into file_prevalence (sha256, first_ms, last_ms, count, sources) values ${values}
       on conflict (sha256) do update set last_ms = excluded.last_ms, count = excluded.count, sources = excluded.sources`,
      rows.flatMap(([sha256, { firstMs, lastMs, count, sources }]) => [
        sha256,
        firstMs,
        lastMs,
        count,
        sources,
      ]),
    );
  }
}

function viewOf({ firstMs, count, sources }: Entry): Prevalence {
  return {
    firstSeen: new Date(firstMs).toISOString(),
    count,
    sources: sources.length / SOURCE_DIGITS,
  };
}

function withSource(known: string, source: string): string {
  const mark = createHash('sha256').update(source).digest('hex').slice(0, SOURCE_DIGITS);
  if (known.length >= SOURCES_MAX * SOURCE_DIGITS) return known;
  for (let at = 0; at < known.length; at += SOURCE_DIGITS) {
    if (known.startsWith(mark, at)) return known;
  }
  return known + mark;
}
