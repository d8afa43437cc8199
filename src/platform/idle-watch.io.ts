/** Something that may be silent for too long. */
export interface Watched {
  readonly idleMs: number;
  /** Set by the owner on every byte; cleared by the watch. */
  active: boolean;
  /** When the watch last saw it active. */
  quietSince: number;
  /** False while nobody waits for the other end: such silence does not count. */
  readonly waits: boolean;
  silent(): void;
}

const TICK_MS = 1000;
const TICK_MS_MIN = 10;

/**
 * One timer for all wires of an owner: a byte costs one store instead of a timer's re-insertion, and an
 * idle connection carries no timer object. A limit is kept to within a quarter of itself or a second.
 */
export class IdleWatch {
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | undefined;
  #tickMs = TICK_MS;

  add(one: Watched): void {
    this.#watched.add(one);
    if (this.#timer === undefined) this.#start();
  }

  delete(one: Watched): void {
    this.#watched.delete(one);
    if (this.#watched.size > 0 || this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#tickMs = TICK_MS;
  }

  /** A limit was set: shorter ones are looked at more often. */
  limit(idleMs: number): void {
    const tickMs = Math.max(TICK_MS_MIN, Math.floor(idleMs / 4));
    if (idleMs <= 0 || tickMs >= this.#tickMs) return;
    this.#tickMs = tickMs;
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#start();
  }

  #start(): void {
    this.#timer = setInterval(() => this.#tick(), this.#tickMs).unref();
  }

  #tick(): void {
    const now = performance.now();
    for (const one of this.#watched) {
      if (one.active || !one.waits) {
        one.active = false;
        one.quietSince = now;
      } else if (one.idleMs > 0 && now - one.quietSince >= one.idleMs) one.silent();
    }
  }
}
