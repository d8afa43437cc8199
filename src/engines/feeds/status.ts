import type { State } from '../state/index.ts';

/** What is known of the fetching of one feed; survives a restart. */
export interface FeedStatus {
  /** Milliseconds since 1970; `undefined`: never. */
  readonly attemptAtMs?: number | undefined;
  readonly successAtMs?: number | undefined;
  /** Last success that brought something new. */
  readonly changedAtMs?: number | undefined;
  /** When it is due; `undefined`: now. */
  readonly nextAtMs?: number | undefined;
  /** From when its age counts while it has never succeeded. */
  readonly sinceMs: number;
  /** Failures in a row. */
  readonly failures: number;
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string } | undefined;
  /** What the settings that decide about the content were: validators of another URL say nothing. */
  readonly fingerprint?: string | undefined;
  /** Where an incremental source goes on, or the validators of a list. Opaque but to the source. */
  readonly cursor?: Readonly<Record<string, string>> | undefined;
  readonly entries?: number | undefined;
  readonly bytes?: number | undefined;
  readonly generation?: string | undefined;
}

export interface StatusStore {
  open(): Promise<void>;
  all(): Promise<ReadonlyMap<string, FeedStatus>>;
  save(feed: string, status: FeedStatus): Promise<void>;
  remove(feed: string): Promise<void>;
}

const CREATE = 'create table if not exists feed_status (feed text primary key, body text not null)';

/** In a table of its own: no configuration, so no version and no audit. */
export function openStatusStore(state: Pick<State, 'sql'>): StatusStore {
  return {
    async open() {
      await state.sql(CREATE, []);
    },
    async all() {
      const rows = await state.sql('select feed, body from feed_status', []);
      // Only `save` writes bodies.
      return new Map(rows.map((row) => [String(row['feed']), JSON.parse(String(row['body'])) as FeedStatus]));
    },
    async save(feed, status) {
      const text =
        'insert into feed_status (feed, body) values (?, ?) on conflict (feed) do update set body = ?';
      const body = JSON.stringify(status);
      await state.sql(text, [feed, body, body]);
    },
    async remove(feed) {
      await state.sql('delete from feed_status where feed = ?', [feed]);
    },
  };
}
