import { readFileSync } from 'node:fs';
import { isErrno } from '../../platform/index.ts';
import { type Health, type Log, messageOf } from '../../kernel/index.ts';
import type { IcapScannerConfig } from '../config/index.ts';
import type { IcapAnswer } from './icap-answer.ts';
import { IcapConnection, type IcapTarget } from './icap-connection.io.ts';
import { type Late, Neighbor, type Unavailable } from './neighbor.io.ts';

export type IcapOutcome = Exclude<IcapAnswer, { kind: 'refused' }> | Late | Unavailable;

export interface IcapFile {
  /** May be asked for twice: a kept connection can be closed by the service just when it is used. */
  body(): AsyncIterable<Uint8Array>;
  readonly bytes: number;
  readonly sha256: string;
}

/** Asks an ICAP service: an antivirus, or a DLP. */
export class IcapScanner {
  readonly #config: IcapScannerConfig;
  readonly #log: Log;
  readonly #neighbor: Neighbor<IcapConnection>;
  #preview: number | undefined;
  #version: string | undefined;

  constructor(config: IcapScannerConfig, seam: { log: Log; now: () => number }) {
    this.#config = config;
    this.#log = seam.log;
    this.#neighbor = new Neighbor({
      name: 'icap',
      code: 'icap-away',
      limits: config,
      open: async (connectMs) => IcapConnection.open(this.#target(), connectMs),
      look: (connection) => this.#look(connection),
      log: seam.log,
      now: seam.now,
    });
  }

  /** Its ISTag: what it said under another one is not remembered. `undefined` until it was reached. */
  get version(): string | undefined {
    return this.#version;
  }

  health(): Health {
    return this.#neighbor.health();
  }

  /** Resolves after the first time that its OPTIONS were asked for. */
  start(): Promise<void> {
    return this.#neighbor.start();
  }

  async scan({ body, bytes, sha256 }: IcapFile, withinMs: number): Promise<IcapOutcome> {
    const answer = await this.#neighbor.ask<IcapAnswer>(async (connection) => {
      const said = await connection.scan({ body: body(), bytes, sha256, preview: this.#preview });
      return { answer: said, keeps: true, ...(said.kind === 'refused' ? { refused: said.detail } : {}) };
    }, withinMs);
    return answer.kind === 'refused' ? { kind: 'unavailable', detail: answer.detail } : answer;
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

  async #look(connection: IcapConnection): Promise<void> {
    const { methods, preview, istag, service } = await connection.options();
    if (!methods.includes('RESPMOD')) throw new Error('the service does not do RESPMOD');
    this.#preview = preview;
    const version = istag ?? 'none';
    if (version === this.#version) return;
    this.#version = version;
    this.#log.info('scan.icap', { version, service });
  }

  close(): void {
    this.#neighbor.close();
  }
}
