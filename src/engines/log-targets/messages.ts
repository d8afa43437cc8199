import type { TargetStatus } from './runner.io.ts';
import type { TargetLimits } from './limits.ts';
import type { LogTarget } from './target.ts';
import type { Speaker } from './wording.ts';

/** What the thread of the targets is told when it starts. */
export interface TargetsStart {
  readonly dataDir: string;
  readonly speaker: Speaker;
}

/** Events as lines of JSON, with what decides who wants them. */
export interface OfferedLines {
  readonly lines: readonly string[];
  readonly types: readonly string[];
  readonly severities: readonly string[];
}

/** Every message with an `id` is answered by `done` or `failed`. */
export type ToTargets =
  /** All targets that there are from now on; those of before that are not among them are gone for good. */
  | {
      readonly kind: 'use';
      readonly id: number;
      readonly targets: readonly LogTarget[];
      readonly limits: TargetLimits;
    }
  | ({ readonly kind: 'offer'; readonly id: number } & OfferedLines)
  /** To one target, whatever it wants. */
  | { readonly kind: 'deliver'; readonly id: number; readonly name: string; readonly line: string }
  | { readonly kind: 'test'; readonly id: number; readonly target: LogTarget; readonly line: string }
  | { readonly kind: 'close' };

export type Statuses = readonly (readonly [name: string, status: TargetStatus])[];

export type FromTargets =
  | { readonly kind: 'done'; readonly id: number; readonly statuses: Statuses }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string }
  | { readonly kind: 'statuses'; readonly statuses: Statuses }
  | { readonly kind: 'changed'; readonly name: string; readonly problem: string | undefined }
  /** A disk that is full, for example: those events are lost for this target. */
  | { readonly kind: 'not-queued'; readonly name: string; readonly reason: string; readonly bytes: number };
