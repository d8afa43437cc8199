import type { Clock, Log } from '../../kernel/index.ts';
import { WriteBehind } from '../state/index.ts';

export interface VerdictStoreOptions {
  sql(
    text: string,
    parameters: readonly (string | number | null)[],
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Of all verdicts together; may change. */
  bytesMax(): number;
}

const CREATE = `create table if not exists file_verdicts (
  sha256 text primary key, at_ms integer not null, bytes integer not null, report text not null)`;
const CREATE_INDEX = 'create index if not exists file_verdicts_at on file_verdicts (at_ms)';
/** Verdicts come by the thousand; the disk gets those of this time together. */
const FLUSH_MS = 500;
const ROWS_A_STATEMENT = 50;
/** What may wait for a disk that is slow; the oldest are given up then. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;
const REMOVED_A_STEP = 1000;

interface Row {
  readonly atMs: number;
  readonly report: string;
}

/** The last verdict of each file, in the database of control: it survives a restart. The oldest leave first. */
export class FileVerdictStore {
  readonly #options: VerdictStoreOptions;
  readonly #rows: WriteBehind<Row>;
  /** In the table; never less than there are. */
  #bytes = 0;

  constructor(options: VerdictStoreOptions) {
    this.#options = options;
    this.#rows = new WriteBehind({
      put: (rows) => this.#put(rows),
      rowsAStatement: ROWS_A_STATEMENT,
      shrink: () => this.#shrink(),
      weightOf: ({ report }) => report.length,
      weightMax: WAITING_BYTES_MAX,
      failed: (error) => options.log.warn('file-verdicts.not-stored', { error }),
      flushMs: FLUSH_MS,
    });
  }

  async open(): Promise<void> {
    const { sql } = this.#options;
    await sql(CREATE, []);
    await sql(CREATE_INDEX, []);
    this.#bytes = await this.#sum();
  }

  /** Never waits and never fails: what is lost is not known later. */
  remember(sha256: string, report: string): void {
    if (this.#rows.closed || report.length > this.#options.bytesMax()) return;
    this.#rows.set(sha256, { atMs: this.#options.clock.now(), report });
  }

  async recall(sha256: string): Promise<string | undefined> {
    const row = this.#rows.get(sha256);
    if (row !== undefined) return row.report;
    const [found] = await this.#options.sql('select report from file_verdicts where sha256 = ?', [sha256]);
    return typeof found?.['report'] === 'string' ? found['report'] : undefined;
  }

  /** Resolves when everything that was remembered before is on the disk, or given up. */
  flush(): Promise<void> {
    return this.#rows.flush();
  }

  close(): Promise<void> {
    return this.#rows.close();
  }

  async #put(rows: readonly (readonly [string, Row])[]): Promise<void> {
    const values = rows.map(() => '(?, ?, ?, ?)').join(', ');
    await this.#options.sql(
      `insert into file_verdicts (sha256, at_ms, bytes, report) values ${values}
       on conflict (sha256) do update set at_ms = excluded.at_ms, bytes = excluded.bytes, report = excluded.report`,
      rows.flatMap(([sha256, { atMs, report }]) => [sha256, atMs, report.length, report]),
    );
    // Those that replaced another are counted twice, until the sum is looked up again.
    for (const [, { report }] of rows) this.#bytes += report.length;
  }

  async #shrink(): Promise<void> {
    const bytesMax = this.#options.bytesMax();
    if (this.#bytes <= bytesMax) return;
    this.#bytes = await this.#sum();
    while (this.#bytes > bytesMax) {
      const { sql } = this.#options;
      const oldest = await sql('select sha256, bytes from file_verdicts order by at_ms, rowid limit ?', [
        REMOVED_A_STEP,
      ]);
      const gone: string[] = [];
      for (const row of oldest) {
        // A tenth more than must be, so that not every flush has to.
        if (this.#bytes <= bytesMax * 0.9) break;
        gone.push(String(row['sha256']));
        this.#bytes -= Number(row['bytes']);
      }
      if (gone.length === 0) return;
      await sql(`delete from file_verdicts where sha256 in (${gone.map(() => '?').join(', ')})`, gone);
    }
  }

  async #sum(): Promise<number> {
    const [row] = await this.#options.sql('select sum(bytes) as bytes from file_verdicts', []);
    return Number(row?.['bytes'] ?? 0);
  }
}
