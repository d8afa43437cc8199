import { Duplex } from 'node:stream';
import type { Wire } from '../../kernel/index.ts';

/** Bytes that may wait for a client that does not read, before we stop reading from it. */
const WAITING_BYTES_MAX = 1024 * 1024;

/**
 * A wire as the socket that the SSH library reads and writes. The library writes without waiting: what it answers
 * is bounded by reading nothing more from a client that does not take its answers.
 */
export class WireSocket extends Duplex {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #wire: Wire;
  #reading = false;
  #wantsMore = false;

  constructor(wire: Wire) {
    super({ allowHalfOpen: false });
    this.#wire = wire;
    this.remoteAddress = wire.peerAddress;
    this.remotePort = wire.peerPort;
    wire.onClose(() => this.destroy());
  }

  /** Resolves when little waits for the client. */
  async room(): Promise<void> {
    while (this.writableLength > WAITING_BYTES_MAX / 4 && !this.destroyed) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const done = (): void => {
        this.off('drain', done);
        this.off('close', done);
        resolve();
      };
      this.on('drain', done);
      this.on('close', done);
      await promise;
    }
  }

  setNoDelay(): this {
    return this;
  }

  override _read(): void {
    this.#wantsMore = true;
    if (!this.#reading && this.writableLength <= WAITING_BYTES_MAX) void this.#pull();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    void this.#put(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#wire.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#wire.end();
    done(error);
  }

  async #put(chunk: Buffer, done: (error?: Error | null) => void): Promise<void> {
    // A wire that has ended takes everything and does nothing.
    await this.#wire.write(chunk);
    done();
    const isWaiting = this.#wantsMore && !this.#reading && !this.destroyed;
    if (isWaiting && this.writableLength <= WAITING_BYTES_MAX) void this.#pull();
  }

  async #pull(): Promise<void> {
    this.#reading = true;
    const chunk = await this.#wire.read();
    this.#reading = false;
    this.#wantsMore = false;
    if (this.destroyed) return;
    // The bytes of a wire are valid until the next read.
    if (chunk !== undefined) this.push(Buffer.from(chunk));
    else if (this.#wire.ended === 'clean') this.push(null);
    else this.destroy();
  }
}
