import type { Clock, FileVerdict } from '../../kernel/index.ts';

interface Kept {
  readonly verdict: FileVerdict;
  readonly untilMs: number;
}

/** Verdicts by hash and version; the one that was not asked for the longest time leaves first. */
export class VerdictCache {
  readonly #entriesMax: number;
  readonly #keepMs: number;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor(entriesMax: number, keepMs: number, clock: Clock) {
    this.#entriesMax = entriesMax;
    this.#keepMs = keepMs;
    this.#clock = clock;
  }

  get(key: string): FileVerdict | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    if (kept.untilMs <= this.#clock.monotonic()) return undefined;
    this.#kept.set(key, kept);
    return kept.verdict;
  }

  set(key: string, verdict: FileVerdict): void {
    if (this.#entriesMax === 0) return;
    this.#kept.delete(key);
    this.#kept.set(key, { verdict, untilMs: this.#clock.monotonic() + this.#keepMs });
    if (this.#kept.size <= this.#entriesMax) return;
    const oldest = this.#kept.keys().next();
    if (oldest.done !== true) this.#kept.delete(oldest.value);
  }

  clear(): void {
    this.#kept.clear();
  }
}
