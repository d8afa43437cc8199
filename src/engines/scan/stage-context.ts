import type {
  FilePrediction,
  FileVerdict,
  Finding,
  Incomplete,
  Match,
  StageRun,
  Verdict,
} from '../../kernel/index.ts';
import type { ScanStage } from '../config/index.ts';
import type { Content } from './decoded.ts';
import type { ReadRequest, ScanParts } from './parts.ts';

export interface StageContext {
  readonly parts: ScanParts;
  readonly request: ReadRequest;
  readonly wanted: ReadonlySet<ScanStage>;
  /** As it came. */
  readonly body: Content;
  /** What is known already; the stages fill in the rest. */
  readonly base: FileVerdict;
  /** On the clock of `parts`: whatever is not done by then is not waited for. */
  readonly deadlineMs: number;
}

/** What one stage adds. */
export interface Gathered {
  readonly findings: Finding[];
  readonly incomplete: Incomplete[];
  readonly stages: StageRun[];
  readonly matches: Match[];
  readonly predictions: FilePrediction[];
}

export const HEAVY = ['unpack', 'yara', 'urls', 'prediction', 'clamd', 'icap'] as const;
export const ALL_STAGES = ['hashes', 'decode', 'eicar', ...HEAVY] as const;

/** How much of the time of this scan is left, in milliseconds; at least 1. */
export function leftMs({ parts, deadlineMs }: Pick<StageContext, 'parts' | 'deadlineMs'>): number {
  return Math.max(1, deadlineMs - parts.clock.monotonic());
}

export function hashFinding({ matches }: Verdict, path: string): Finding {
  const [match] = matches;
  return {
    stage: 'hashes',
    name: match?.category ?? '',
    source: match?.feed ?? '',
    severity: match?.severity ?? 'high',
    path,
  };
}

export function done(stage: string, tookMs: number): StageRun {
  return { stage, state: 'done', tookMs, why: '' };
}

export function failed(
  all: Gathered,
  parts: ScanParts,
  stage: 'unpack' | 'yara' | 'clamd' | 'icap',
  why: string,
  tookMs = 0,
): void {
  all.stages.push({ stage, state: 'failed', tookMs, why });
  parts.metrics.failures[stage].add(1);
}

export function skipped(stages: readonly string[], why: string): StageRun[] {
  return stages.map((stage) => ({ stage, state: 'skipped', tookMs: 0, why }));
}

/** One run of each stage, in their order: of the body and of what its codings hide, the worse one with the time of both. */
export function runsOf(runs: readonly StageRun[]): StageRun[] {
  const merged = new Map<string, StageRun>();
  for (const run of runs) {
    const before = merged.get(run.stage);
    const worse = before !== undefined && RANK[before.state] >= RANK[run.state] ? before : run;
    merged.set(run.stage, { ...worse, tookMs: run.tookMs + (before?.tookMs ?? 0) });
  }
  const order = (stage: string): number => (ALL_STAGES as readonly string[]).indexOf(stage);
  return [...merged.values()].toSorted((a, b) => order(a.stage) - order(b.stage));
}

const RANK = { skipped: 0, done: 1, failed: 2 } as const;
