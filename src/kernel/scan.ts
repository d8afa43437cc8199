import type { Severity, Verdict } from './verdict.ts';

/** What a file is by its content, whatever its name says. */
export interface FileType {
  /** Short and stable: `pe`, `elf`, `zip`, `docx`, `pdf`, `text`, `unknown`. */
  readonly name: string;
  /** Media type by IANA, for example `application/zip`. */
  readonly media: string;
  /** What policies ask for: `executable`, `archive`, `document`, `script`, `image`, `media`, `text`, `disk-image`, `mail`, `other`. */
  readonly family: string;
}

/** Something bad that a stage found. */
export interface Finding {
  /** Name of the stage, for example `yara`. */
  readonly stage: string;
  /** Signature or rule as its owner calls it. */
  readonly name: string;
  /** Where from: a rule set, a database, a feed. */
  readonly source: string;
  readonly severity: Severity;
  /** Place inside the file, the outermost container first: `mail/invoice.zip/a.exe`; empty: the file itself. */
  readonly path: string;
}

export const INCOMPLETE_REASONS = [
  'encrypted',
  'damaged',
  'limit',
  'timeout',
  'unavailable',
  'unsupported',
] as const;
export type IncompleteReason = (typeof INCOMPLETE_REASONS)[number];

/** Why part of a file was not looked at. */
export interface Incomplete {
  readonly reason: IncompleteReason;
  readonly stage: string;
  readonly path: string;
  /** For people: which limit, which error. */
  readonly detail: string;
}

export interface StageRun {
  readonly stage: string;
  readonly state: 'done' | 'skipped' | 'failed';
  readonly tookMs: number;
  /** Why it was skipped or failed; empty when done. */
  readonly why: string;
}

/** What a model or a rule thinks of a file, or of a part of it. */
export interface FilePrediction {
  /** Place inside the file, as in findings. */
  readonly path: string;
  /** Model and version, `files/1`; `rules` where rules stand in for a model. */
  readonly model: string;
  /** 0 to 100. */
  readonly score: number;
  readonly verdict: 'clean' | 'suspicious' | 'malicious';
  /** In words, the strongest first. */
  readonly reasons: readonly string[];
}

/** How often a file was seen here before, by its SHA-256. */
export interface Prevalence {
  /** ISO 8601, UTC. */
  readonly firstSeen: string;
  readonly count: number;
  /** Different sources, counted up to a bound. */
  readonly sources: number;
}

/** Everything that is known about a file after a scan. */
export interface FileVerdict extends Verdict {
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** SHA-1 and MD5 are empty where nobody reads them and no list has such hashes. */
  readonly sha1: string;
  readonly md5: string;
  readonly bytes: number;
  readonly type: FileType;
  readonly findings: readonly Finding[];
  readonly incomplete: readonly Incomplete[];
  readonly stages: readonly StageRun[];
  /** The worst first. What it is worth is a setting: by default it decides nothing. */
  readonly predictions?: readonly FilePrediction[];
  readonly prevalence?: Prevalence;
  /** Names the engines and signatures that decided. */
  readonly version: string;
  /** It was scanned before by the same engines. */
  readonly cached: boolean;
}
