/** What a server has said of one prefix. Hashes are lower-case hexadecimal. */
export interface FullHashAnswer {
  readonly prefix: string;
  /** Hashes with this prefix that are threats, and for how long that is true. */
  readonly found: readonly { readonly hash: string; readonly category: string; readonly forMs: number }[];
  /** For how long other hashes with this prefix are none. */
  readonly othersForMs: number;
}

/** `undefined`: the server has to be asked. */
export type FullHashOpinion =
  | { readonly kind: 'threat'; readonly categories: readonly string[]; readonly untilMs: number }
  | { readonly kind: 'none' }
  | undefined;

interface Kept {
  readonly threats: ReadonlyMap<string, { readonly categories: readonly string[]; readonly untilMs: number }>;
  readonly othersUntilMs: number;
}

/**
 * Answers to questions for full hashes, each for as long as the server has said: a threat is one until its own time is
 * over, other hashes of its prefix are none until the negative time is (Update API, "Caching"). Bounded: the prefix that was
 * used longest ago goes first.
 */
export class FullHashCache {
  readonly #kept = new Map<string, Kept>();
  readonly #prefixesMax: number;

  constructor(prefixesMax: number) {
    this.#prefixesMax = prefixesMax;
  }

  opinion(prefix: string, hash: string, nowMs: number): FullHashOpinion {
    const kept = this.#kept.get(prefix);
    if (kept === undefined) return undefined;
    this.#kept.delete(prefix);
    this.#kept.set(prefix, kept);
    const threat = kept.threats.get(hash);
    if (threat !== undefined) return threat.untilMs > nowMs ? { kind: 'threat', ...threat } : undefined;
    return kept.othersUntilMs > nowMs ? { kind: 'none' } : undefined;
  }

  /** All that is known of a prefix, as if the server said it now; `undefined`: some of it is over. */
  answer(prefix: string, nowMs: number): FullHashAnswer | undefined {
    const kept = this.#kept.get(prefix);
    if (kept === undefined || kept.othersUntilMs <= nowMs) return undefined;
    const found: FullHashAnswer['found'][number][] = [];
    for (const [hash, { categories, untilMs }] of kept.threats) {
      if (untilMs <= nowMs) return undefined;
      for (const category of categories) found.push({ hash, category, forMs: untilMs - nowMs });
    }
    return { prefix, found, othersForMs: kept.othersUntilMs - nowMs };
  }

  learn({ prefix, found, othersForMs }: FullHashAnswer, nowMs: number): void {
    if (this.#prefixesMax === 0) return;
    const threats = new Map<string, { categories: string[]; untilMs: number }>();
    for (const { hash, category, forMs } of found) {
      const known = threats.get(hash);
      if (known === undefined) threats.set(hash, { categories: [category], untilMs: nowMs + forMs });
      else {
        if (!known.categories.includes(category)) known.categories.push(category);
        known.untilMs = Math.min(known.untilMs, nowMs + forMs);
      }
    }
    this.#kept.delete(prefix);
    if (this.#kept.size >= this.#prefixesMax) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    this.#kept.set(prefix, { threats, othersUntilMs: nowMs + othersForMs });
  }
}
