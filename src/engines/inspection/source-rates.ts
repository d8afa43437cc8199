import type { Clock } from '../../kernel/index.ts';

const MINUTE_MS = 60_000;
/** Sources that are counted at once; internal networks have fewer clients that inspect pages. */
const SOURCES_MAX = 10_000;

/** Counts by source and minute. Bounded: where it is full, new sources wait for the next minute. */
export class SourceRates {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #perMinute: number;
  readonly #taken = new Map<string, number>();
  #minute = 0;

  constructor(clock: Pick<Clock, 'now'>, perMinute: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  /** One more, if it may be; otherwise the milliseconds to wait. */
  take(source: string): 'taken' | number {
    const now = this.#clock.now();
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#taken.clear();
    }
    const taken = this.#taken.get(source);
    const isFull = taken === undefined && this.#taken.size >= SOURCES_MAX;
    if (isFull || (taken ?? 0) >= this.#perMinute) return (minute + 1) * MINUTE_MS - now;
    this.#taken.set(source, (taken ?? 0) + 1);
    return 'taken';
  }
}
