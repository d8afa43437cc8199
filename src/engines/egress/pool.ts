import type { Clock } from '../../kernel/index.ts';
import type { SocketWire } from '../../platform/index.ts';

export interface PoolLimits {
  readonly idlePerHostMax: number;
  readonly idleMax: number;
  readonly idleMs: number;
}

interface Idle {
  readonly wire: SocketWire;
  readonly since: number;
}

/** Upstream connections that wait for their next request. The most recently used is taken first. */
export class Pool {
  readonly #limits: PoolLimits;
  readonly #clock: Clock;
  readonly #idle = new Map<string, Idle[]>();
  #count = 0;

  constructor(limits: PoolLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get count(): number {
    return this.#count;
  }

  take(key: string): SocketWire | undefined {
    const list = this.#idle.get(key);
    if (list === undefined) return undefined;
    for (let idle = list.pop(); idle !== undefined; idle = list.pop()) {
      this.#count--;
      const { wire, since } = idle;
      wire.clearSink();
      wire.onClose(undefined);
      if (wire.quiet && this.#clock.monotonic() - since < this.#limits.idleMs) return wire;
      wire.destroy();
    }
    return undefined;
  }

  /** Whatever an idle server says or does, the connection is of no more use. */
  give(key: string, wire: SocketWire): void {
    let list = this.#idle.get(key);
    if (list === undefined) {
      if (this.#idle.size > this.#limits.idleMax) this.#forgetEmpty();
      this.#idle.set(key, (list = []));
    }
    if (!wire.quiet || list.length >= this.#limits.idlePerHostMax || this.#count >= this.#limits.idleMax) {
      wire.destroy();
      return;
    }
    const entry: Idle = { wire, since: this.#clock.monotonic() };
    list.push(entry);
    this.#count++;
    const drop = (): void => this.#drop(key, entry);
    wire.onClose(drop);
    wire.setSink(drop);
  }

  close(): void {
    for (const list of this.#idle.values()) for (const { wire } of list) wire.destroy();
    this.#idle.clear();
    this.#count = 0;
  }

  /** Lists stay when they run empty, because the host's next request fills them again; but not for ever. */
  #forgetEmpty(): void {
    for (const [key, list] of this.#idle) if (list.length === 0) this.#idle.delete(key);
  }

  #drop(key: string, entry: Idle): void {
    const list = this.#idle.get(key);
    const at = list?.indexOf(entry) ?? -1;
    if (list === undefined || at < 0) return;
    list.splice(at, 1);
    this.#count--;
    entry.wire.onClose(undefined);
    entry.wire.destroy();
  }
}
