import type { Match } from '../../kernel/index.ts';

interface Kept {
  readonly matches: readonly Match[];
  /** On the monotonic clock. */
  readonly untilMs: number;
}

/** Answers by question, for a time. When it is full, what was used longest ago goes. */
export class AnswerCache {
  readonly #kept = new Map<string, Kept>();
  readonly #entriesMax: number;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#kept.size;
  }

  get(key: string, nowMs: number): readonly Match[] | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    if (kept.untilMs <= nowMs) return undefined;
    this.#kept.set(key, kept);
    return kept.matches;
  }

  set(key: string, matches: readonly Match[], untilMs: number): void {
    if (this.#entriesMax === 0) return;
    this.#kept.delete(key);
    if (this.#kept.size >= this.#entriesMax) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    this.#kept.set(key, { matches, untilMs });
  }
}
