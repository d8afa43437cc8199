import { isErrno } from '../../platform/index.ts';
import { type Health, type Log, messageOf } from '../../kernel/index.ts';
import type { ClamdConfig } from '../config/index.ts';
import { ClamdConnection } from './clamd-connection.io.ts';
import { type ClamdAnswer, readAnswer, readVersion } from './clamd-wire.ts';
import { Neighbor, type Unavailable } from './neighbor.io.ts';

export type ClamdOutcome =
  | Exclude<ClamdAnswer, { kind: 'error' }>
  | { readonly kind: 'timeout' }
  | Unavailable;

/** Asks clamd, over a few connections that are kept. Finds out by itself when it is away and back again. */
export class Clamd {
  readonly #config: ClamdConfig;
  readonly #log: Log;
  readonly #now: () => number;
  #idle: ClamdConnection[] = [];
  readonly #open = new Set<ClamdConnection>();
  readonly #neighbor: Neighbor;
  #version: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #onVersion: () => void;

  constructor(config: ClamdConfig, seam: { log: Log; now: () => number; onVersion: () => void }) {
    this.#config = config;
    this.#log = seam.log;
    this.#now = seam.now;
    this.#onVersion = seam.onVersion;
    const { connectionsMax } = config;
    this.#neighbor = new Neighbor({ name: 'clamd', code: 'clamd-away', connectionsMax, ...seam });
  }

  /** Of engine and signatures; `undefined` until it was reached. */
  get version(): string | undefined {
    return this.#version;
  }

  health(): Health {
    return this.#neighbor.health();
  }

  /** Looks whether it lives, now and then every `check`. Resolves after the first time. */
  async start(): Promise<void> {
    await this.#check();
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.start(), this.#config.checkMs);
    this.#timer.unref();
  }

  /** `body` may be asked for twice: a kept connection can be closed by clamd just when it is used. */
  async scan(body: () => AsyncIterable<Uint8Array>, withinMs: number): Promise<ClamdOutcome> {
    const resting = this.#neighbor.resting();
    if (resting !== undefined) return resting;
    const deadline = this.#now() + Math.min(this.#config.timeoutMs, withinMs);
    if (!(await this.#neighbor.enter(deadline))) return { kind: 'timeout' };
    try {
      return await this.#attempt(body, deadline);
    } finally {
      this.#neighbor.leave();
    }
  }

  async #attempt(body: () => AsyncIterable<Uint8Array>, deadline: number): Promise<ClamdOutcome> {
    for (;;) {
      let connection: ClamdConnection;
      try {
        connection = await this.#connection();
      } catch (error) {
        return this.#failed(error);
      }
      const wasUsed = connection.answers > 0;
      const timer = setTimeout(() => connection.destroy(TIMEOUT), Math.max(1, deadline - this.#now()));
      try {
        const answer = readAnswer(await connection.stream(body()));
        this.#keep(connection, answer);
        this.#neighbor.back();
        if (answer.kind === 'error') return { kind: 'unavailable', detail: answer.detail };
        return answer;
      } catch (error) {
        connection.destroy();
        if (error === TIMEOUT) return { kind: 'timeout' };
        // A kept connection: once more over another one.
        if (wasUsed) continue;
        // clamd hangs up on a stream that is too long, and we may write into the closed socket before we read why.
        if (isErrno(error, 'EPIPE') && (await this.#lives())) return { kind: 'too-large' };
        // A new one that breaks: clamd is going down.
        return this.#failed(error);
      } finally {
        clearTimeout(timer);
      }
    }
  }

  async #connection(): Promise<ClamdConnection> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (!idle.usable) continue;
      idle.idle(false);
      return idle;
    }
    const connection = await ClamdConnection.open(this.#config, this.#config.connectMs);
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

  #keep(connection: ClamdConnection, answer: ClamdAnswer): void {
    // After an error clamd ends the session; what it still reads of the stream is not for the next one.
    if (answer.kind === 'error' || answer.kind === 'too-large' || this.#closed || !connection.usable) {
      connection.destroy();
      return;
    }
    connection.idle(true);
    this.#idle.push(connection);
  }

  async #lives(): Promise<boolean> {
    await this.#check();
    return this.#neighbor.away === undefined;
  }

  async #check(): Promise<void> {
    let connection: ClamdConnection | undefined;
    let timer: NodeJS.Timeout | undefined;
    try {
      const opened = await ClamdConnection.open(this.#config, this.#config.connectMs);
      connection = opened;
      timer = setTimeout(() => opened.destroy(TIMEOUT), this.#config.connectMs);
      const version = readVersion(await opened.ask('VERSION'));
      if (version === undefined) throw new Error('what answers is not clamd');
      this.#neighbor.back();
      if (version !== this.#version) {
        this.#version = version;
        this.#log.info('scan.clamd', { version });
        this.#onVersion();
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      clearTimeout(timer);
      connection?.destroy();
    }
  }

  #failed(error: unknown): Unavailable {
    const why = error === TIMEOUT ? new Error('no answer in time') : error;
    return this.#closed ? { kind: 'unavailable', detail: messageOf(why) } : this.#neighbor.failed(why);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const connection of this.#open) connection.destroy();
  }
}

const TIMEOUT = new Error('clamd took too long');
