export interface BreakerOptions {
  readonly failuresMax: number;
  readonly pauseMs: number;
}

/**
 * Keeps questions from an upstream that does not answer. After the pause one question is let through: when it
 * fails too, the pause begins anew.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #restsUntilMs = 0;
  #isTrying = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** True: ask, and tell how it went. */
  admits(nowMs: number): boolean {
    if (this.#restsUntilMs === 0) return true;
    if (nowMs < this.#restsUntilMs || this.#isTrying) return false;
    this.#isTrying = true;
    return true;
  }

  rests(nowMs: number): boolean {
    return nowMs < this.#restsUntilMs;
  }

  /** The question was not asked after all. */
  released(): void {
    this.#isTrying = false;
  }

  worked(): void {
    this.#failures = 0;
    this.#restsUntilMs = 0;
    this.#isTrying = false;
  }

  /** True when the upstream begins to rest with this failure. */
  failed(nowMs: number): boolean {
    this.#failures++;
    this.#isTrying = false;
    if (this.#failures < this.#options.failuresMax) return false;
    const wasAwake = this.#restsUntilMs === 0;
    this.#restsUntilMs = nowMs + this.#options.pauseMs;
    return wasAwake;
  }

  /** It has said for how long it wants to hear nothing. */
  rest(nowMs: number, pauseMs: number = this.#options.pauseMs): void {
    this.#isTrying = false;
    this.#restsUntilMs = Math.max(this.#restsUntilMs, nowMs + pauseMs);
  }
}
