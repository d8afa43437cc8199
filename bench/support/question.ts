import type { Scope } from '../../test/support/scope.ts';

/** One file of `bench/` answers one question; its rows go into `RESULTS.md`. */
export interface Question {
  /** As typed: `npm run bench -- NAME`. */
  readonly name: string;
  /** What is measured, in one line. */
  readonly title: string;
  /** How it is measured: what a reader needs to judge the figures. */
  readonly method: string;
  run(lab: Lab): Promise<readonly Row[]>;
}

export interface Lab {
  readonly scope: Scope;
  readonly quick: boolean;
  readonly rounds: number;
  /** Length of one measurement. */
  readonly seconds: number;
  log(text: string): void;
}

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly ours: string;
  readonly peer: string;
  readonly direct: string;
  readonly ratio: string;
  readonly target: string;
  readonly notes: string;
}

/** What one contender did in one round. */
export interface Sample {
  /** Per second, in the unit of the case. */
  readonly rate: number;
  /** Processor milliseconds of its processes. */
  readonly cpuMs: number;
  readonly seconds: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Failed or wrong answers. */
  readonly errors: number;
}
