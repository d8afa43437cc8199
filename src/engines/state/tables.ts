import type { Database, DatabaseTransaction } from '../../platform/index.ts';

/**
 * The tables, as the newest migration leaves them. Times are milliseconds since 1970 UTC; JSON is text.
 * `autoincrement` columns are optional when a row is written.
 */
export interface Tables {
  migrations: { number: number; name: string; at_ms: number };
  versions: {
    number: Assigned;
    at_ms: number;
    author: string;
    summary: string;
    diff: string;
    document: string;
  };
  audit: {
    id: Assigned;
    at_ms: number;
    actor: string;
    source: string;
    action: string;
    outcome: string;
    details: string;
  };
  /** Versioned documents of other engines, one row an entry: feeds, policies. */
  documents: { section: string; name: string; body: string };
  users: {
    name: string;
    role: string;
    /** PHC string of the password; `null`: nobody can sign in with one. */
    password: string | null;
    created_at_ms: number;
    password_at_ms: number | null;
  };
  tokens: {
    name: string;
    /** SHA-256 of the token, hexadecimal. */
    hash: string;
    scopes: string;
    created_at_ms: number;
    created_by: string;
    expires_at_ms: number | null;
    last_used_at_ms: number | null;
  };
  /** Public keys that sign in over SSH: the line of a `.pub` file, without options. */
  user_keys: { user: string; fingerprint: string; line: string; created_at_ms: number };
  /** Second factors (RFC 6238). `confirmed_at_ms` is `null` until the user has shown a code. */
  user_totp: {
    user: string;
    /** Secret sealed with the master key, base64. */
    sealed: string;
    confirmed_at_ms: number | null;
    /** Time step of the last code that was taken. */
    last_step: number;
    /** JSON: the last steps whose codes were taken. None is taken twice, also where the clock was ahead and came back. */
    used_steps: string;
  };
  /** Who is signed in to the console. Not configuration: not versioned, not exported. */
  sessions: {
    id: string;
    /** SHA-256 of the secret that the browser shows, hexadecimal. */
    hash: string;
    user: string;
    role: string;
    source: string;
    started_at_ms: number;
    /** Written some seconds late. */
    last_seen_at_ms: number;
    ends_at_ms: number;
    /** Of the password that it began with: another one ends it. */
    password_at_ms: number | null;
  };
  /** Small facts that are no configuration: counters, marks. Not versioned. */
  facts: { name: string; value: string };
}

/** A number that the database gives out; structurally what the query builder calls `Generated<number>`. */
interface Assigned {
  readonly __select__: number;
  readonly __insert__: number | undefined;
  readonly __update__: number;
}

export type StateDatabase = Database<Tables>;
export type StateTransaction = DatabaseTransaction<Tables>;
