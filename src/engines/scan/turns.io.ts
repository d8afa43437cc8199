import { clearTimeout, setTimeout } from 'node:timers';
import type { Gauge, MaybePromise } from '../../kernel/index.ts';

/** Ends a turn. */
export type EndTurn = () => void;

/** So many may work at once; the others wait, who came first goes first. */
export class Turns {
  #free: number;
  readonly #waiting = new Set<() => void>();
  readonly #waiters: Gauge | undefined;

  /** `waiters`: how many wait now. */
  constructor(max: number, waiters?: Gauge) {
    this.#free = max;
    this.#waiters = waiters;
  }

  /** At once where one is free; `undefined`: none became free in `waitMs`. */
  take(waitMs: number): MaybePromise<EndTurn | undefined> {
    if (this.#free > 0) {
      this.#free--;
      return this.#turn();
    }
    return new Promise((resolve) => {
      const begin = (): void => {
        leave();
        resolve(this.#turn());
      };
      const leave = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(begin);
        this.#waiters?.set(this.#waiting.size);
      };
      const timer = setTimeout(() => {
        leave();
        resolve(undefined);
      }, waitMs);
      this.#waiting.add(begin);
      this.#waiters?.set(this.#waiting.size);
    });
  }

  #turn(): EndTurn {
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const [next] = this.#waiting;
      if (next === undefined) this.#free++;
      else next();
    };
  }
}
