import { Duplex } from 'node:stream';
import type { Wire } from '../../kernel/index.ts';

/** A wire as the streams of Node want it, so that its TLS and HTTP clients run over what egress has connected. */
export class WireStream extends Duplex {
  readonly #wire: Wire;
  #early: Uint8Array | undefined;

  constructor(wire: Wire, early: Uint8Array | undefined) {
    super({ allowHalfOpen: false });
    this.#wire = wire;
    this.#early = early;
  }

  override _read(): void {
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) {
      this.push(early);
      return;
    }
    this.#pull().catch((error: unknown) => this.destroy(error instanceof Error ? error : undefined));
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    const written = this.#wire.write(chunk);
    if (written === undefined) done();
    else written.then(() => done(), done);
  }

  override _final(done: () => void): void {
    this.#wire.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wire.destroy();
    done(error);
  }

  // Clients of HTTP ask their sockets for these; the wire has its own times.
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
    // The bytes are gone at the next read of the wire.
    this.push(chunk === undefined ? null : Buffer.from(chunk));
  }
}
