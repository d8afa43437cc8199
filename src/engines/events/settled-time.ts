import type { Clock } from '../../kernel/index.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Less than this is a clock that is kept in step, or summer time read wrong. */
const JUMP_MS = 2 * HOUR_MS;
/** So long a clock must go on from where it jumped to before it is believed. */
const BELIEVED_AFTER_MS = DAY_MS;

/**
 * The time by which old files are removed. A clock that jumps a month ahead must not cost a month of events: what it
 * says counts only after it has gone on from there for a day, and until then time passes from where it was. After a
 * start, the files say where that is.
 */
export class SettledTime {
  readonly #clock: Clock;
  /** Time as it is believed, at `#atMs` of the monotonic clock. */
  #believedMs: number;
  #atMs: number;
  /** What the wall clock says beyond that, and since when. */
  #aheadMs = 0;
  #aheadSinceMs: number;

  /** `newestMs`: when what is newest was written, as its name says; `undefined`: there is nothing. */
  constructor(clock: Clock, newestMs: number | undefined) {
    const now = clock.now();
    this.#clock = clock;
    // A gateway that was off for a day is nothing special.
    this.#believedMs = newestMs === undefined || now - newestMs <= 2 * DAY_MS ? now : newestMs + DAY_MS;
    this.#atMs = clock.monotonic();
    this.#aheadSinceMs = this.#atMs;
    this.#aheadMs = now - this.#believedMs;
  }

  now(): number {
    const mono = this.#clock.monotonic();
    const wall = this.#clock.now();
    const believed = this.#believedMs + (mono - this.#atMs);
    const ahead = wall - believed;
    if (Math.abs(ahead - this.#aheadMs) > JUMP_MS) {
      this.#aheadMs = ahead;
      this.#aheadSinceMs = mono;
    }
    const isBelieved = Math.abs(ahead) <= JUMP_MS || mono - this.#aheadSinceMs >= BELIEVED_AFTER_MS;
    this.#believedMs = isBelieved ? wall : believed;
    this.#atMs = mono;
    if (isBelieved) this.#aheadMs = 0;
    return this.#believedMs;
  }
}
