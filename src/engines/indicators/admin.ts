import type { Clock, Log, MaybePromise, Metrics, Severity, Tlp } from '../../kernel/index.ts';
import type { CsvMapping } from '../../protocols/lists/index.ts';
import type { FeedAction, ImportLimits, ImportMode, ImportProgress, ImportReport } from './import-types.ts';
import type { FeedInfo } from './manifest.ts';
import type { LocalEntry } from './types.ts';

export interface ImportRequest {
  readonly file: string;
  /** Default: made from the file's name. */
  readonly feed?: string | undefined;
  /** Default `auto`. */
  readonly format?: string | undefined;
  /** Default: what lists of the format are for, mostly `block`; in a merge what the feed has. */
  readonly action?: FeedAction | undefined;
  readonly category?: string | undefined;
  /** Default `high`. */
  readonly severity?: Severity | undefined;
  readonly licence?: string | undefined;
  /** Default 100; smaller comes first among equal matches. */
  readonly priority?: number | undefined;
  readonly mapping?: CsvMapping | undefined;
  /** 0 to 100, for entries whose list names none; default 100. */
  readonly confidence?: number | undefined;
  /** For entries whose list names none; default `clear`. */
  readonly tlp?: Tlp | undefined;
  /** `merge` adds to and updates the feed and takes out what the list removes; default `replace`. */
  readonly mode?: ImportMode | undefined;
  /** For entries whose list names no end: this long after the import. */
  readonly expiresAfterMs?: number | undefined;
  /** Default 90: an import that would lose more of at least 1000 entries is refused unless `force`. */
  readonly shrinkMaxPercent?: number | undefined;
  readonly force?: boolean | undefined;
  /** Where the list came from, for `show feeds`: a URL without secrets; default: the name of the file. */
  readonly source?: string | undefined;
  readonly upstreamAtMs?: number | undefined;
}

export interface LocalRequest {
  readonly value: string;
  readonly action: 'allow' | 'block';
  readonly category?: string | undefined;
  readonly severity?: Severity | undefined;
  readonly note?: string | undefined;
  readonly tlp?: Tlp | undefined;
  /** From now; default: never. */
  readonly expiresAfterMs?: number | undefined;
}

/** Changes what the gateway knows. Every change is a new generation, published and audited. */
export interface IndicatorAdmin {
  readonly generation: string;
  importFile(request: ImportRequest, actor: string, progress?: ImportProgress): Promise<ImportReport>;
  feeds(): readonly FeedInfo[];
  /** Seconds since the last import of a feed. */
  ageS(feed: FeedInfo): number;
  remove(feed: string, actor: string): Promise<FeedInfo>;
  local(): readonly LocalEntry[];
  /** Adds a value to the local lists; one that is there already is replaced. */
  addLocal(request: LocalRequest, actor: string): Promise<LocalEntry>;
  removeLocal(value: string, actor: string): Promise<LocalEntry>;
}

export interface IndicatorAdminOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** `child`: in a process of its own, as the running gateway must; `here`: for a command on a stopped one. */
  readonly runImports: 'child' | 'here';
  readonly limits?: Partial<ImportLimits>;
  /** Of the local lists, which are written as a whole with every change; default 100000. */
  readonly localEntriesMax?: number;
  readonly metrics?: Metrics;
  /** Tells everybody who has a reader; resolves when all have reloaded. */
  publish(generation: string): Promise<void>;
  /** Resolves when it is written: a change is answered only then. Never rejects. */
  audit(action: string, details: Readonly<Record<string, unknown>>, actor: string): MaybePromise<void>;
}
