import type { Clock } from '../../kernel/index.ts';
import type { ScanConfig } from '../config/index.ts';
import type { Codings } from '../content/index.ts';
import { type Content, decode, type Decoded } from './decoded.ts';
import type { StoreLimits } from './store.io.ts';
import type { Turns } from './turns.io.ts';

/** Undoes content codings within the bounds of an edge. */
export class Decoder {
  readonly #clock: Clock;
  readonly #config: Pick<ScanConfig, 'unpack'>;
  readonly #limits: StoreLimits;
  readonly #turns: Turns;

  constructor(options: {
    readonly clock: Clock;
    readonly config: Pick<ScanConfig, 'unpack'>;
    readonly limits: StoreLimits;
    readonly turns: Turns;
  }) {
    this.#clock = options.clock;
    this.#config = options.config;
    this.#limits = options.limits;
    this.#turns = options.turns;
  }

  /** Waits for its turn until `deadlineMs`, on the clock of the edge; each coding has the time of unpacking then. */
  decode(body: Content, codings: Codings, deadlineMs: number): Promise<Decoded> {
    const { unpack } = this.#config;
    const begin = (): number => Math.min(this.#clock.monotonic() + unpack.timeoutMs, deadlineMs);
    let until = begin();
    return decode(body, codings, {
      limits: this.#limits,
      unpack,
      expired: () => this.#clock.monotonic() > until,
      turn: async () => {
        const end = await this.#turns.take(Math.max(1, deadlineMs - this.#clock.monotonic()));
        until = begin();
        return end;
      },
    });
  }
}
