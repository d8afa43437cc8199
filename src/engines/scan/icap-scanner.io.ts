import { readFileSync } from 'node:fs';
import { isErrno } from '../../platform/index.ts';
import { type Health, type Log, messageOf } from '../../kernel/index.ts';
import type { IcapScannerConfig } from '../config/index.ts';
import { type IcapAnswer } from './icap-answer.ts';
import { IcapConnection, type IcapTarget } from './icap-connection.io.ts';
import { Neighbor, type Unavailable } from './neighbor.io.ts';

export type IcapOutcome =
  | Exclude<IcapAnswer, { kind: 'refused' }>
  | { readonly kind: 'timeout' }
  | Unavailable;

export interface IcapFile {
  /** May be asked for twice: a kept connection can be closed by the service just when it is used. */
  body(): AsyncIterable<Uint8Array>;
  readonly bytes: number;
  readonly sha256: string;
}

/** Asks an ICAP service, an antivirus or a DLP, over a few connections that are kept. Finds out by itself when it is away and back again. */
export class IcapScanner {
  readonly #config: IcapScannerConfig;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #neighbor: Neighbor;
  readonly #open = new Set<IcapConnection>();
  #idle: IcapConnection[] = [];
  #preview: number | undefined;
  #version: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(config: IcapScannerConfig, seam: { log: Log; now: () => number }) {
    this.#config = config;
    this.#log = seam.log;
    this.#now = seam.now;
    const { connectionsMax } = config;
    this.#neighbor = new Neighbor({ name: 'icap', code: 'icap-away', connectionsMax, ...seam });
  }

  /** Its ISTag: what it said under another one is not remembered. `undefined` until it was reached. */
  get version(): string | undefined {
    return this.#version;
  }

  health(): Health {
    return this.#neighbor.health();
  }

  /** Asks for its OPTIONS, now and then every `check`. Resolves after the first time. */
  async start(): Promise<void> {
    await this.#check();
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.start(), this.#config.checkMs);
    this.#timer.unref();
  }

  async scan(file: IcapFile, withinMs: number): Promise<IcapOutcome> {
    const resting = this.#neighbor.resting();
    if (resting !== undefined) return resting;
    const deadline = this.#now() + Math.min(this.#config.timeoutMs, withinMs);
    if (!(await this.#neighbor.enter(deadline))) return { kind: 'timeout' };
    try {
      return await this.#attempt(file, deadline);
    } finally {
      this.#neighbor.leave();
    }
  }

  async #attempt(file: IcapFile, deadline: number): Promise<IcapOutcome> {
    for (;;) {
      let connection: IcapConnection;
      try {
        connection = await this.#connection(deadline);
      } catch (error) {
        return this.#failed(error);
      }
      const wasUsed = connection.answers > 0;
      const timer = setTimeout(() => connection.destroy(TIMEOUT), Math.max(1, deadline - this.#now()));
      try {
        const { bytes, sha256 } = file;
        const answer = await connection.scan({ body: file.body(), bytes, sha256, preview: this.#preview });
        this.#keep(connection);
        // It lives, and does nothing for us: health says so.
        if (answer.kind === 'refused') return this.#failed(new Error(answer.detail));
        this.#neighbor.back();
        return answer;
      } catch (error) {
        connection.destroy();
        if (error === TIMEOUT) return { kind: 'timeout' };
        // A kept connection: once more over another one.
        if (wasUsed) continue;
        return this.#failed(error);
      } finally {
        clearTimeout(timer);
      }
    }
  }

  async #connection(deadline: number): Promise<IcapConnection> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (!idle.usable) {
        idle.destroy();
        continue;
      }
      idle.idle(false);
      return idle;
    }
    const connectMs = Math.min(this.#config.connectMs, Math.max(1, deadline - this.#now()));
    const connection = await IcapConnection.open(this.#target(), connectMs);
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

  /** Read each time, so that a new file of authorities is taken without a restart. */
  #target(): IcapTarget {
    const { url, host, port, isTls, caFile } = this.#config;
    if (caFile === undefined) return { url, host, port, isTls, ca: undefined };
    try {
      return { url, host, port, isTls, ca: readFileSync(caFile, 'utf8') };
    } catch (error) {
      const why = isErrno(error, 'ENOENT') ? 'there is no such file' : messageOf(error);
      throw new Error(`${caFile} (scan.icap.caFile) cannot be read: ${why}`, { cause: error });
    }
  }

  #keep(connection: IcapConnection): void {
    if (this.#closed || !connection.usable) {
      connection.destroy();
      return;
    }
    connection.idle(true);
    this.#idle.push(connection);
  }

  async #check(): Promise<void> {
    let connection: IcapConnection | undefined;
    let timer: NodeJS.Timeout | undefined;
    try {
      const opened = await IcapConnection.open(this.#target(), this.#config.connectMs);
      connection = opened;
      timer = setTimeout(() => opened.destroy(TIMEOUT), this.#config.connectMs);
      const { methods, preview, istag, service } = await opened.options();
      if (!methods.includes('RESPMOD')) throw new Error('the service does not do RESPMOD');
      this.#neighbor.back();
      this.#preview = preview;
      const version = istag ?? 'none';
      if (version !== this.#version) {
        this.#version = version;
        this.#log.info('scan.icap', { version, service });
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

const TIMEOUT = new Error('the ICAP service took too long');
