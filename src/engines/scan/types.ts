import type { FileVerdict, Health, MaybePromise } from '../../kernel/index.ts';

/** `full`: every stage; `hashes`: hashes and type alone; `off`: nothing; else a name of `scan.profiles`. */
export type ScanProfile = string;

/** Looks at files. One in each edge, and one in control for its commands. */
export interface ScanEngine {
  /** Changes with signatures, rules, indicators and settings: 16 hexadecimal digits. */
  readonly version: string;
  /** Names of profiles that are defined, the three built-in ones first. */
  readonly profiles: readonly string[];
  /** Never throws. Whoever opens a scan closes it. */
  open(request: ScanRequest): Scan;
  health(): Health;
  /** Takes the rule sets of the data directory up; the old ones match until the new are compiled. */
  reloadRules(): Promise<void>;
  /** Takes the models of the data directory up that are in force now. */
  reloadModels(): void;
  /** Everything that `health` speaks of is known: rules compiled, clamd asked once. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface ScanRequest {
  /** As the client calls it; believed for nothing but rules that ask for it. */
  readonly name: string | undefined;
  /** One that is not defined scans as `full`. */
  readonly profile: ScanProfile;
  readonly mediaType?: string;
  /** Value of Content-Encoding: the scan looks at what is behind it. */
  readonly contentEncoding?: string;
  readonly url?: string;
  /** Who brought it, for counting; absent: it is not counted. */
  readonly source?: string;
  /** What the client declares; a bound, never a reservation. */
  readonly bytes?: number;
  /** Nobody reads MD5 and SHA-1 of the verdict: they stay empty unless a list has such hashes. */
  readonly sha256Only?: boolean;
}

/** What content codings hide. */
export interface ScanContent {
  readonly sha256: string;
  readonly bytes: number;
  /** As Content-Encoding says it. */
  readonly coding: string;
  /** As `Scan.replay`. */
  replay(): AsyncIterable<Uint8Array>;
  close(): void;
}

export interface Scan {
  /**
   * Takes the next bytes; what is kept is copied. Await the result: it is the back-pressure of the disk. Never
   * rejects.
   */
  write(bytes: Uint8Array): MaybePromise<void>;
  /** The verdict over the whole. Resolves in bounded time and never rejects; the same promise each time. */
  finish(): Promise<FileVerdict>;
  /** A verdict that is certain before the end; its hashes are empty then. */
  readonly early: FileVerdict | undefined;
  /**
   * Reads what was written again; a piece is good until sixteen more have been asked for. Throws `SCAN_NOT_KEPT` when it was not kept (`replayable`). Valid until `close`.
   */
  replay(): AsyncIterable<Uint8Array>;
  /**
   * What a client sees behind the content codings of the whole body; `undefined`: it has none, they cannot be undone
   * whole, or the body is a file by itself as well. Whoever gets it closes it.
   */
  content(): Promise<ScanContent | undefined>;
  /** False: the file was longer than `scan.bytesMax`, or there was no room in the spool. */
  readonly replayable: boolean;
  readonly bytes: number;
  /** SHA-256 of everything that was written, in lower-case hexadecimal. Nothing can be written any more. */
  sha256(): string;
  /** Frees memory and spool file. Safe at any time, also twice, also while `finish` is under way. */
  close(): void;
}
