/**
 * Read buffers that idle sockets do not pay for.
 *
 * Every socket reads into one shared block; what arrives is copied out at once, because the next
 * socket overwrites it. A socket that fills the whole block is in bulk transfer and borrows a large
 * block of its own, from which bytes are passed on without a copy and which is given back when the
 * reader is done. A block that libuv still writes from must never be read into: that is why the
 * shared one is never passed on (a slow reader would otherwise see other bytes).
 */
export class ReadBuffers {
  readonly shared: Buffer;
  readonly #bulkBytes: number;
  readonly #idleMax: number;
  readonly #idle: Buffer[] = [];

  /** `sharedBytes`: 64 KiB is what one read of a socket yields at most when it is not in bulk transfer. */
  constructor({ sharedBytes = 65_536, bulkBytes = 262_144, idleMax = 16 } = {}) {
    this.shared = Buffer.allocUnsafeSlow(sharedBytes);
    this.#bulkBytes = bulkBytes;
    this.#idleMax = idleMax;
  }

  /** A block of the caller's own; its contents are arbitrary. */
  take(): Buffer {
    return this.#idle.pop() ?? Buffer.allocUnsafeSlow(this.#bulkBytes);
  }

  give(block: Buffer): void {
    if (this.#idle.length < this.#idleMax) this.#idle.push(block);
  }
}
