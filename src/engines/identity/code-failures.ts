import type { Clock } from '../../kernel/index.ts';

/** Sources and users whose wrong codes are counted; the oldest are forgotten. */
const PAIRS_MAX = 10_000;

interface Pair {
  failures: number;
  untilMs: number;
}

/** Counts wrong codes of each source and user: whoever knows the password must not try a million codes. */
export class CodeFailures {
  readonly #clock: Clock;
  readonly #limits: () => { readonly failuresMax: number; readonly banMs: number };
  readonly #pairs = new Map<string, Pair>();

  constructor(clock: Clock, limits: () => { readonly failuresMax: number; readonly banMs: number }) {
    this.#clock = clock;
    this.#limits = limits;
  }

  isBanned(source: string, user: string): boolean {
    const pair = this.#pairs.get(`${source}\0${user}`);
    if (pair === undefined || pair.untilMs <= this.#clock.monotonic()) return false;
    return pair.failures >= this.#limits().failuresMax;
  }

  /** True when this failure was the one that bans. */
  add(source: string, user: string): boolean {
    const key = `${source}\0${user}`;
    const now = this.#clock.monotonic();
    const { failuresMax, banMs } = this.#limits();
    const known = this.#pairs.get(key);
    const failures = known === undefined || known.untilMs <= now ? 1 : known.failures + 1;
    this.#pairs.delete(key);
    if (this.#pairs.size >= PAIRS_MAX) {
      const [oldest] = this.#pairs.keys();
      if (oldest !== undefined) this.#pairs.delete(oldest);
    }
    this.#pairs.set(key, { failures, untilMs: now + banMs });
    return failures === failuresMax;
  }

  clear(source: string, user: string): void {
    this.#pairs.delete(`${source}\0${user}`);
  }
}
