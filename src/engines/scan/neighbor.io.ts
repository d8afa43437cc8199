import { type Health, type HealthCode, type Log, messageOf } from '../../kernel/index.ts';
import { Turns } from './turns.io.ts';

/** After a failed connection scans do not wait for the next attempts one by one. */
const REST_MS = 500;

export interface Unavailable {
  readonly kind: 'unavailable';
  readonly detail: string;
}

export interface Late {
  readonly kind: 'timeout';
}

/** One request after the other. */
export interface NeighborConnection {
  /** It may carry another request. */
  readonly usable: boolean;
  /** Requests that were answered. */
  readonly answers: number;
  onGone: () => void;
  /** Idle connections do not keep a process alive. */
  idle(isIdle: boolean): void;
  destroy(error?: Error): void;
}

export interface NeighborOptions<C> {
  readonly name: 'clamd' | 'icap';
  readonly code: HealthCode;
  readonly limits: {
    readonly connectionsMax: number;
    readonly connectMs: number;
    /** Of one file. */
    readonly timeoutMs: number;
    /** Between two looks at whether it lives. */
    readonly checkMs: number;
  };
  open(connectMs: number): Promise<C>;
  /** Whether what answers is what is wanted, and which version; throws when it is not. */
  look(connection: C): Promise<void>;
  readonly log: Log;
  readonly now: () => number;
}

/** What one use of a connection gives. */
export interface Answered<T> {
  readonly answer: T;
  /** False: the connection is not for another request. */
  readonly keeps: boolean;
  /** It answers, and does nothing for us: as if it was away. */
  readonly refused?: string;
}

/**
 * Another scanner that files are sent to, over a few connections that are kept, so many at once. Finds out by itself when it
 * is away and back again.
 */
export class Neighbor<C extends NeighborConnection> {
  readonly #options: NeighborOptions<C>;
  readonly #open = new Set<C>();
  #idle: C[] = [];
  readonly #turns: Turns;
  #restUntil = 0;
  #away: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: NeighborOptions<C>) {
    this.#options = options;
    this.#turns = new Turns(options.limits.connectionsMax);
  }

  /** Why it cannot be asked; `undefined`: it can. */
  get away(): string | undefined {
    return this.#away;
  }

  health(): Health {
    const { name, code } = this.#options;
    return this.#away === undefined
      ? { state: 'ok' }
      : { state: 'degraded', code, reason: `${name} cannot be asked: ${this.#away}` };
  }

  /** Looks whether it lives, now and then every `checkMs`. Resolves after the first time. */
  async start(): Promise<void> {
    await this.check();
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.start(), this.#options.limits.checkMs);
    this.#timer.unref();
  }

  /**
   * One request. `use` may be called twice: a kept connection can be closed just when it is used. `onBroken` may know what
   * it means that a new one breaks.
   */
  async ask<T>(
    use: (connection: C) => Promise<Answered<T>>,
    withinMs: number,
    onBroken?: (error: unknown) => Promise<T | undefined>,
  ): Promise<T | Late | Unavailable> {
    const { name, now, limits } = this.#options;
    if (now() < this.#restUntil) return { kind: 'unavailable', detail: this.#away ?? `${name} is away` };
    const deadline = now() + Math.min(limits.timeoutMs, withinMs);
    const end = await this.#turns.take(Math.max(1, deadline - now()));
    if (end === undefined) return { kind: 'timeout' };
    try {
      return await this.#attempt(use, deadline, onBroken);
    } finally {
      end();
    }
  }

  async #attempt<T>(
    use: (connection: C) => Promise<Answered<T>>,
    deadline: number,
    onBroken?: (error: unknown) => Promise<T | undefined>,
  ): Promise<T | Late | Unavailable> {
    const { now } = this.#options;
    for (;;) {
      let connection: C;
      try {
        connection = await this.#connection(deadline);
      } catch (error) {
        return this.#failed(error);
      }
      const wasUsed = connection.answers > 0;
      const timer = setTimeout(() => connection.destroy(TIMEOUT), Math.max(1, deadline - now()));
      try {
        const { answer, keeps, refused } = await use(connection);
        this.#keep(connection, keeps);
        if (refused !== undefined) return this.#failed(new Error(refused));
        this.#back();
        return answer;
      } catch (error) {
        connection.destroy();
        if (error === TIMEOUT) return { kind: 'timeout' };
        // A kept connection: once more over another one.
        if (wasUsed) continue;
        // A new one that breaks: it is going down, unless somebody knows better.
        return (await onBroken?.(error)) ?? this.#failed(error);
      } finally {
        clearTimeout(timer);
      }
    }
  }

  async #connection(deadline: number): Promise<C> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (!idle.usable) {
        idle.destroy();
        continue;
      }
      idle.idle(false);
      return idle;
    }
    const { open, now, limits } = this.#options;
    const connection = await open(Math.min(limits.connectMs, Math.max(1, deadline - now())));
    if (this.#closed) {
      connection.destroy();
      throw new Error('the scan engine is closed');
    }
    this.#open.add(connection);
    connection.onGone = () => {
      this.#open.delete(connection);
      this.#idle = this.#idle.filter((each) => each !== connection);
    };
    return connection;
  }

  #keep(connection: C, keeps: boolean): void {
    if (!keeps || this.#closed || !connection.usable) {
      connection.destroy();
      return;
    }
    connection.idle(true);
    this.#idle.push(connection);
  }

  /** One look, over a connection of its own. */
  async check(): Promise<void> {
    const { open, look, limits } = this.#options;
    let connection: C | undefined;
    let timer: NodeJS.Timeout | undefined;
    try {
      const opened = await open(limits.connectMs);
      connection = opened;
      timer = setTimeout(() => opened.destroy(TIMEOUT), limits.connectMs);
      await look(opened);
      this.#back();
    } catch (error) {
      this.#failed(error);
    } finally {
      clearTimeout(timer);
      connection?.destroy();
    }
  }

  #failed(error: unknown): Unavailable {
    const detail = error === TIMEOUT ? 'no answer in time' : messageOf(error);
    if (this.#closed) return { kind: 'unavailable', detail };
    const { name, log, now } = this.#options;
    this.#restUntil = now() + REST_MS;
    if (this.#away === undefined) log.warn(`scan.${name}-away`, { reason: detail });
    this.#away = detail;
    return { kind: 'unavailable', detail };
  }

  #back(): void {
    if (this.#away !== undefined) this.#options.log.info(`scan.${this.#options.name}-back`);
    this.#away = undefined;
    this.#restUntil = 0;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const connection of this.#open) connection.destroy();
  }
}

const TIMEOUT = new Error('it took too long');
