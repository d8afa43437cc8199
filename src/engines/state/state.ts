import type { Difference, JsonObject } from './diff.ts';
import type { StateTransaction } from './tables.ts';

/** The state store: what the gateway must still know after a restart. Opened by control alone. */
export interface State {
  readonly dataDir: string;
  /** A consistent view. Use the transaction that is handed in, and nothing else, inside. */
  read<T>(work: (tx: StateTransaction) => Promise<T>): Promise<T>;
  /**
   * Runs work that was asked for from this address: changes and audit entries in it that name no source of their
   * own get it.
   */
  from<T>(source: string, work: () => Promise<T>): Promise<T>;
  /**
   * The only way to change configuration: all or nothing, with a numbered version and an audit entry in the
   * same transaction. Resolves when every listener of `onChange` is done, so when every edge knows.
   */
  change<T>(by: ChangeBy, work: (tx: StateTransaction) => Promise<T>): Promise<T>;
  /** Writes that are no configuration: times of last use, marks. No version, no audit. */
  note<T>(work: (tx: StateTransaction) => Promise<T>): Promise<T>;
  /** Called after each committed change, in turn. A rejection fails the change's caller, not the change. */
  onChange(listener: (version: number) => Promise<void>): void;
  audit(entry: AuditEntry): Promise<void>;
  auditEntries(query: AuditQuery): Promise<readonly AuditRow[]>;
  /** Newest first; `before`: only those with smaller numbers, the next page. */
  versions(limit: number, before?: number): Promise<readonly VersionRow[]>;
  version(number: number): Promise<VersionRow & { readonly document: JsonObject }>;
  rollback(number: number, by: Author): Promise<Applied>;
  /** All sections, without secrets: what `config export` shows. */
  exportDocument(): Promise<JsonObject>;
  /** Sections that the document lacks stay as they are. */
  apply(document: unknown, by: Author, options: { readonly dryRun: boolean }): Promise<Applied>;
  /** One statement as text; for stores that bring their own table and are no configuration. */
  sql(
    text: string,
    parameters: readonly (string | number | null)[],
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

export interface Author {
  /** `local` or a user name. */
  readonly author: string;
  /** Where the request came from: an address, `local`. */
  readonly source?: string | undefined;
}

export interface ChangeBy extends Author {
  /** Stable name for the audit, `token.create`. */
  readonly action: string;
  /** A sentence for `show config versions`. */
  readonly summary: string;
  /** For the audit; no secrets. */
  readonly details?: JsonObject;
}

export interface AuditEntry {
  readonly actor: string;
  /** Absent: where the work was asked for, see `State.from`; `local` otherwise. */
  readonly source?: string | undefined;
  readonly action: string;
  readonly outcome: 'done' | 'failed' | 'refused';
  readonly details: JsonObject;
}

export interface AuditRow extends AuditEntry {
  readonly source: string;
  readonly id: number;
  readonly atMs: number;
}

export interface AuditQuery {
  /** At most 1000. */
  readonly limit: number;
  readonly beforeId?: number | undefined;
  readonly actor?: string | undefined;
  /** The whole action, or a prefix that ends with a dot: `token.`. */
  readonly action?: string | undefined;
}

export interface VersionRow {
  readonly number: number;
  readonly atMs: number;
  readonly author: string;
  readonly summary: string;
  readonly diff: readonly Difference[];
}

export interface Applied {
  readonly diff: readonly Difference[];
  /** What could not be done, in sentences. */
  readonly notes: readonly string[];
  /** `undefined`: nothing was changed, or it was a dry run. */
  readonly version: number | undefined;
}
