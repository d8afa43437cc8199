/** Of a small lent block: a message of usual size fits, and a thousand of them cost little. */
const SMALL_BYTES = 32_768;
/** Smaller reads are cheaper as a copy of their own size. */
const LENT_FROM = 4096;
/** A socket that reads as much at once gets a large block for its next read, and keeps it until it reads less than the other. */
export const BULK_BYTES = { from: 49_152, until: 32_768 } as const;

/**
 * Read buffers that idle sockets do not pay for.
 *
 * Every socket reads into one shared block; what arrives is copied out at once, because the next
 * socket overwrites it. A socket that reads much at once is in bulk transfer and borrows a large
 * block of its own, from which bytes are passed on without a copy and which is given back when the
 * reader is done. What is copied out goes to a lent block as well, unless it is small: buffers of their
 * own would keep the collector busy. A block that libuv still writes from must never be read into: that is why the
 * shared one is never passed on (a slow reader would otherwise see other bytes).
 */
export class ReadBuffers {
  readonly shared: Buffer;
  readonly #bulkBytes: number;
  readonly #idleMax: number;
  readonly #idle: Buffer[] = [];
  readonly #small: Buffer[] = [];

  /** `sharedBytes`: what one read of a socket yields at most when it is not in bulk transfer. More than 64 KiB, so that
   * a message of that size and its head are one read. */
  constructor({ sharedBytes = 131_072, bulkBytes = 262_144, idleMax = 16 } = {}) {
    this.shared = Buffer.allocUnsafeSlow(sharedBytes);
    this.#bulkBytes = bulkBytes;
    this.#idleMax = idleMax;
  }

  /** A block of the caller's own; its contents are arbitrary. */
  take(): Buffer {
    return this.#idle.pop() ?? Buffer.allocUnsafeSlow(this.#bulkBytes);
  }

  /** The first bytes of the shared block, in a block to give back; `undefined`: they are not worth it. */
  lend(bytes: number): Buffer | undefined {
    if (bytes < LENT_FROM) return undefined;
    const block =
      bytes > SMALL_BYTES ? this.take() : (this.#small.pop() ?? Buffer.allocUnsafeSlow(SMALL_BYTES));
    this.shared.copy(block, 0, 0, bytes);
    return block;
  }

  give(block: Buffer): void {
    const pool = block.length === SMALL_BYTES ? this.#small : this.#idle;
    if (pool.length < this.#idleMax) pool.push(block);
  }
}
