import type { Clock } from '../../kernel/index.ts';

/** Runs something once, later; `cancel` is free at any time. */
export type Later = (delayMs: number, run: () => void) => { cancel(): void };

/**
 * How long a session waits for its peer. One timer, which is not moved when the wait is: it looks, when it fires,
 * whether the time has really come. So a wait costs a look at the clock.
 */
export class Patience {
  readonly #clock: Clock;
  readonly #later: Later;
  readonly #tooLate: () => void;
  #dueMs = Infinity;
  #timer: { cancel(): void } | undefined = undefined;
  #firesMs = Infinity;

  constructor(clock: Clock, later: Later, tooLate: () => void) {
    this.#clock = clock;
    this.#later = later;
    this.#tooLate = tooLate;
  }

  /** From now on the peer has so much time. */
  wait(delayMs: number): void {
    this.#dueMs = this.#clock.monotonic() + delayMs;
    if (this.#dueMs >= this.#firesMs) return;
    this.#timer?.cancel();
    this.#start(delayMs);
  }

  /** It has said what was waited for. */
  rest(): void {
    this.#dueMs = Infinity;
  }

  end(): void {
    this.#timer?.cancel();
    this.#dueMs = Infinity;
  }

  #start(delayMs: number): void {
    this.#firesMs = this.#clock.monotonic() + delayMs;
    this.#timer = this.#later(delayMs, () => {
      this.#timer = undefined;
      this.#firesMs = Infinity;
      const leftMs = this.#dueMs - this.#clock.monotonic();
      if (leftMs <= 1) {
        this.#dueMs = Infinity;
        this.#tooLate();
      } else if (leftMs !== Infinity) this.#start(leftMs);
    });
  }
}
