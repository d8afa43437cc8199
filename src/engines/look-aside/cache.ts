import { type Match, Recent } from '../../kernel/index.ts';

interface Kept {
  readonly matches: readonly Match[];
  /** On the monotonic clock. */
  readonly untilMs: number;
}

/** Answers by question, for a time. When it is full, what was not used lately goes. */
export class AnswerCache {
  readonly #kept: Recent<string, Kept>;

  constructor(entriesMax: number) {
    this.#kept = new Recent(entriesMax);
  }

  get size(): number {
    return this.#kept.size;
  }

  get(key: string, nowMs: number): readonly Match[] | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    if (kept.untilMs > nowMs) return kept.matches;
    this.#kept.delete(key);
    return undefined;
  }

  set(key: string, matches: readonly Match[], untilMs: number): void {
    this.#kept.set(key, { matches, untilMs });
  }
}
