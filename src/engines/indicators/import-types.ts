import type { MatchAction, Severity, Tlp } from '../../kernel/index.ts';
import type { CsvMapping, ListFormat, ListProblem } from '../../protocols/lists/index.ts';
import type { IndicatorKind } from './keys.ts';

/** `label`: says only what things are. `suppress`: a warning list. */
export type FeedAction = MatchAction | 'suppress';
export type ImportMode = 'replace' | 'merge';

/** Plain data: travels to the import process. */
export interface ImportOptions {
  readonly dir: string;
  readonly file: string;
  readonly feed: string;
  /** A format by name, or `auto`. */
  readonly format: string;
  /** `undefined`: what lists of the format are for. */
  readonly action: FeedAction | undefined;
  /** For entries whose list names none; `undefined`: what the format or the action says. */
  readonly category: string | undefined;
  /** For entries whose list names none. */
  readonly severity: Severity;
  readonly confidence: number;
  readonly tlp: Tlp;
  readonly licence: string;
  readonly priority: number;
  readonly mapping: CsvMapping;
  readonly mode: ImportMode;
  /** For entries whose list names no end: this long after the import. */
  readonly expiresAfterMs: number | undefined;
  /** An import that would lose more of at least 1000 entries is refused unless `force`. */
  readonly shrinkMaxPercent: number;
  readonly force: boolean;
  /** Where the list came from, without secrets. */
  readonly source: string;
  readonly upstreamAtMs: number | undefined;
  readonly limits: ImportLimits;
}

export interface ImportLimits {
  readonly lineBytesMax: number;
  /** Problems kept in the report; all are counted. */
  readonly problemsMax: number;
  readonly entriesMax: number;
  readonly listBytesMax: number;
  readonly documentBytesMax: number;
  readonly expansionMax: number;
  /** How long to wait for another import. */
  readonly waitMs: number;
  /** Records that are sorted in memory at a time. */
  readonly runRecords?: number | undefined;
}

/** What a warning list kept out. */
export interface Suppressed {
  readonly list: string;
  readonly count: number;
  readonly samples: readonly string[];
}

/** Plain data: travels from the import process. */
export interface ImportReport {
  readonly feed: string;
  readonly format: ListFormat;
  readonly action: FeedAction;
  readonly mode: ImportMode;
  /** Entries of the feed afterwards. */
  readonly entries: number;
  readonly kinds: Readonly<Record<IndicatorKind, number>>;
  /** Entries that the feed did not have before. */
  readonly added: number;
  /** Entries that it had and has no more. */
  readonly removed: number;
  readonly duplicates: number;
  /** Lines whose entry had ended before the import. */
  readonly expired: number;
  readonly rejected: number;
  readonly suppressed: readonly Suppressed[];
  /** Reasons with their counts, the most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
  readonly problems: readonly ListProblem[];
  readonly seconds: number;
  readonly generation: string;
}

/** `done` and `total` in bytes of the file. */
export type ImportProgress = (step: 'wait' | 'read' | 'write', done: number, total: number) => void;
