import { isErrno } from '../../platform/index.ts';
import type { Health, Log } from '../../kernel/index.ts';
import type { ClamdConfig } from '../config/index.ts';
import { ClamdConnection } from './clamd-connection.io.ts';
import { type ClamdAnswer, readAnswer, readVersion } from './clamd-wire.ts';
import { type Late, Neighbor, type Unavailable } from './neighbor.io.ts';

export type ClamdOutcome = Exclude<ClamdAnswer, { kind: 'error' }> | Late | Unavailable;

/** Asks clamd. */
export class Clamd {
  readonly #log: Log;
  readonly #neighbor: Neighbor<ClamdConnection>;
  #version: string | undefined;
  readonly #onVersion: () => void;

  constructor(config: ClamdConfig, seam: { log: Log; now: () => number; onVersion: () => void }) {
    this.#log = seam.log;
    this.#onVersion = seam.onVersion;
    this.#neighbor = new Neighbor({
      name: 'clamd',
      code: 'clamd-away',
      limits: config,
      open: (connectMs) => ClamdConnection.open(config, connectMs),
      look: (connection) => this.#look(connection),
      log: seam.log,
      now: seam.now,
    });
  }

  /** Of engine and signatures; `undefined` until it was reached. */
  get version(): string | undefined {
    return this.#version;
  }

  health(): Health {
    return this.#neighbor.health();
  }

  /** Resolves after the first look at whether it lives. */
  start(): Promise<void> {
    return this.#neighbor.start();
  }

  /** `body` may be asked for twice: a kept connection can be closed by clamd just when it is used. */
  async scan(body: () => AsyncIterable<Uint8Array>, withinMs: number): Promise<ClamdOutcome> {
    const answer = await this.#neighbor.ask<ClamdAnswer>(
      async (connection) => {
        const said = readAnswer(await connection.stream(body()));
        // After an error clamd ends the session; what it still reads of the stream is not for the next one.
        return { answer: said, keeps: said.kind !== 'error' && said.kind !== 'too-large' };
      },
      withinMs,
      (error) => this.#tooLarge(error),
    );
    return answer.kind === 'error' ? { kind: 'unavailable', detail: answer.detail } : answer;
  }

  /** clamd hangs up on a stream that is too long, and we may write into the closed socket before we read why. */
  async #tooLarge(error: unknown): Promise<ClamdAnswer | undefined> {
    if (!isErrno(error, 'EPIPE')) return undefined;
    await this.#neighbor.check();
    return this.#neighbor.away === undefined ? { kind: 'too-large' } : undefined;
  }

  async #look(connection: ClamdConnection): Promise<void> {
    const version = readVersion(await connection.ask('VERSION'));
    if (version === undefined) throw new Error('what answers is not clamd');
    if (version === this.#version) return;
    this.#version = version;
    this.#log.info('scan.clamd', { version });
    this.#onVersion();
  }

  close(): void {
    this.#neighbor.close();
  }
}
