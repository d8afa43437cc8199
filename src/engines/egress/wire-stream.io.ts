import { Duplex } from 'node:stream';
import { messageOf, type Wire } from '../../kernel/index.ts';

/**
 * A wire as a stream, for the TLS and the HTTP client of Node. Reading pulls: the next chunk is asked for when
 * the stream wants it, so that back-pressure reaches the server.
 */
export class WireStream extends Duplex {
  readonly #wire: Wire;
  #reading = false;
  #early: Uint8Array | undefined;

  /** `early`: bytes that a proxy sent behind its answer. */
  constructor(wire: Wire, early?: Uint8Array) {
    super({ allowHalfOpen: true });
    this.#wire = wire;
    this.#early = early;
    // Time is kept by whoever asks, for every phase apart; a wire that ended is seen at the next read.
    wire.setIdle(0);
  }

  override _read(): void {
    if (this.#early !== undefined) {
      const early = this.#early;
      this.#early = undefined;
      this.push(Buffer.from(early));
      return;
    }
    if (this.#reading) return;
    this.#reading = true;
    void this.#pull();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    Promise.resolve(this.#wire.write(chunk)).then(
      () => done(),
      (error: unknown) => done(error instanceof Error ? error : new Error(messageOf(error))),
    );
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#wire.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#wire.destroy();
    done(error);
  }

  /** What Node's client asks of a socket; the wire has done it, or does not need it. */
  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  async #pull(): Promise<void> {
    const chunk = await this.#wire.read();
    this.#reading = false;
    if (this.destroyed) return;
    // The bytes of a wire are valid until the next read.
    if (chunk !== undefined) this.push(Buffer.from(chunk));
    else if (this.#wire.ended === 'clean') this.push(null);
    else this.destroy(closedEarly(this.#wire.ended ?? 'error'));
  }
}

function closedEarly(end: string): Error {
  return Object.assign(new Error(`the connection ended: ${end}`), { code: 'ECONNRESET' });
}
