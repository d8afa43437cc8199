import type { FilePrediction, FileType, Finding, Incomplete } from '../../kernel/index.ts';
import type { UnpackConfig } from '../config/index.ts';
import type { JudgeSettings } from './judge.ts';
import type { Handed } from './store.io.ts';

/** What a thread is asked for one file. */
export interface Job extends Inspected {
  readonly id: number;
  readonly body: Handed;
}

/** What is looked for in a file. */
export interface Inspected {
  readonly name: string | undefined;
  readonly type: FileType;
  readonly unpack: boolean;
  readonly yara: boolean;
  readonly urls: boolean;
  /** Whether models and rules judge it. */
  readonly predict: boolean;
  /** Whether MD5 and SHA-1 of what is inside are asked for. */
  readonly weak: boolean;
  /** Of a form (multipart/form-data), whose parts are files. */
  readonly boundary: string | undefined;
  /** How long it was before its content codings were undone: what the ratio is measured against. */
  readonly packedBytes: number | undefined;
  /** What is left of its time, in milliseconds. */
  readonly withinMs: number;
}

/** Settings of a thread; the same for all its files. */
export interface WorkerSettings {
  readonly unpack: UnpackConfig;
  readonly urlsMax: number;
  readonly windowMax: number;
  readonly yaraTimeoutMs: number;
  readonly findingsMax: number;
  /** `undefined`: nothing is judged. */
  readonly judge: (JudgeSettings & { readonly dataDir: string }) | undefined;
  readonly spoolDir: string;
}

/** Rules with where they are from: what a thread compiles. */
export interface RuleSource {
  /** Rule set and file, for findings: `shipped/office`. */
  readonly namespace: string;
  readonly text: string;
}

export interface InnerHashes {
  readonly path: string;
  readonly md5: string;
  readonly sha1: string;
  readonly sha256: string;
}

export interface Link {
  readonly url: string;
  readonly path: string;
}

export interface StageTime {
  readonly stage: string;
  readonly tookMs: number;
  /** Empty: done. */
  readonly failed: string;
}

/** What a thread has found; said piece by piece, so that nothing is lost when it must be ended. */
export interface Found {
  readonly findings: readonly Finding[];
  readonly incomplete: readonly Incomplete[];
}

export interface JobResult {
  readonly inner: readonly InnerHashes[];
  readonly links: readonly Link[];
  readonly stages: readonly StageTime[];
  readonly predictions: readonly FilePrediction[];
}

export type ToWorker =
  | { readonly kind: 'rules'; readonly sources: readonly RuleSource[]; readonly version: string }
  | { readonly kind: 'job'; readonly job: Job }
  /** Another model is in force. */
  | { readonly kind: 'models' };

export type FromWorker =
  | { readonly kind: 'rules'; readonly version: string; readonly problem: string | undefined }
  | ({ readonly kind: 'found'; readonly id: number } & Found)
  | { readonly kind: 'done'; readonly id: number; readonly result: JobResult };
