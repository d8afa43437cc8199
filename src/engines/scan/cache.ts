import { type Clock, type FileVerdict, Recent } from '../../kernel/index.ts';

interface Kept {
  readonly verdict: FileVerdict;
  readonly untilMs: number;
}

/** Verdicts by hash and version; those that were not asked for lately leave first. */
export class VerdictCache {
  readonly #keepMs: number;
  readonly #clock: Clock;
  readonly #kept: Recent<string, Kept>;

  constructor(entriesMax: number, keepMs: number, clock: Clock) {
    this.#kept = new Recent(entriesMax);
    this.#keepMs = keepMs;
    this.#clock = clock;
  }

  get(key: string): FileVerdict | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    if (kept.untilMs > this.#clock.monotonic()) return kept.verdict;
    this.#kept.delete(key);
    return undefined;
  }

  set(key: string, verdict: FileVerdict): void {
    this.#kept.set(key, { verdict, untilMs: this.#clock.monotonic() + this.#keepMs });
  }

  clear(): void {
    this.#kept.clear();
  }
}
