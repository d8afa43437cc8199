import type { Clock } from '../../kernel/index.ts';

/** For how long a domain counts as new. */
const NEW_MS = 24 * 60 * 60 * 1000;

/**
 * When this process met a domain for the first time. Bounded: the one met longest ago goes first. For the first day after a
 * start it cannot tell, and says so by calling nothing new.
 */
export class SeenDomains {
  readonly #clock: Clock;
  readonly #entriesMax: number;
  readonly #startedAt: number;
  readonly #first = new Map<string, number>();

  constructor(clock: Clock, entriesMax: number) {
    this.#clock = clock;
    this.#entriesMax = entriesMax;
    this.#startedAt = clock.now();
  }

  /** Notes the domain; true when it is new and the memory reaches back far enough to say so. */
  meet(domain: string): boolean {
    const now = this.#clock.now();
    const first = this.#first.get(domain);
    if (first === undefined) {
      if (this.#first.size >= this.#entriesMax) {
        // A map yields its keys in the order they came.
        for (const oldest of this.#first.keys()) {
          this.#first.delete(oldest);
          break;
        }
      }
      this.#first.set(domain, now);
    }
    return now - this.#startedAt >= NEW_MS && now - (first ?? now) < NEW_MS;
  }
}
