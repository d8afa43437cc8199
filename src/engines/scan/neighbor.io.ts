import { type Health, type HealthCode, type Log, messageOf } from '../../kernel/index.ts';

/** After a failed connection scans do not wait for the next attempts one by one. */
const REST_MS = 500;
const ROOM = Symbol('room');

export interface Unavailable {
  readonly kind: 'unavailable';
  readonly detail: string;
}

/** Another scanner that files are sent to: so many at once, and whether it is away. */
export class Neighbor {
  readonly #name: 'clamd' | 'icap';
  readonly #code: HealthCode;
  readonly #connectionsMax: number;
  readonly #log: Log;
  readonly #now: () => number;
  #used = 0;
  #waiters: (() => void)[] = [];
  #restUntil = 0;
  #away: string | undefined;

  constructor(options: {
    readonly name: 'clamd' | 'icap';
    readonly code: HealthCode;
    readonly connectionsMax: number;
    readonly log: Log;
    readonly now: () => number;
  }) {
    this.#name = options.name;
    this.#code = options.code;
    this.#connectionsMax = options.connectionsMax;
    this.#log = options.log;
    this.#now = options.now;
  }

  /** Why it cannot be asked; `undefined`: it can. */
  get away(): string | undefined {
    return this.#away;
  }

  /** Somebody has just found it away. */
  resting(): Unavailable | undefined {
    if (this.#now() >= this.#restUntil) return undefined;
    return { kind: 'unavailable', detail: this.#away ?? `${this.#name} is away` };
  }

  health(): Health {
    return this.#away === undefined
      ? { state: 'ok' }
      : { state: 'degraded', code: this.#code, reason: `${this.#name} cannot be asked: ${this.#away}` };
  }

  /** One of the places is free, or becomes so before `deadline`; then `leave` gives it back. */
  async enter(deadline: number): Promise<boolean> {
    while (this.#used >= this.#connectionsMax) {
      let wake: () => void = () => {};
      const turn = new Promise<typeof ROOM>((resolve) => {
        wake = () => resolve(ROOM);
        this.#waiters.push(wake);
      });
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), Math.max(1, deadline - this.#now()));
      });
      const first = await Promise.race([turn, late]);
      clearTimeout(timer);
      if (first === undefined) {
        this.#waiters = this.#waiters.filter((each) => each !== wake);
        return false;
      }
    }
    this.#used++;
    return true;
  }

  leave(): void {
    this.#used--;
    this.#waiters.shift()?.();
  }

  failed(error: unknown): Unavailable {
    const detail = messageOf(error);
    this.#restUntil = this.#now() + REST_MS;
    if (this.#away === undefined) this.#log.warn(`scan.${this.#name}-away`, { reason: detail });
    this.#away = detail;
    return { kind: 'unavailable', detail };
  }

  back(): void {
    if (this.#away !== undefined) this.#log.info(`scan.${this.#name}-back`);
    this.#away = undefined;
    this.#restUntil = 0;
  }
}
