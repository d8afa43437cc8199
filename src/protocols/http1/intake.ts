const EMPTY = Buffer.alloc(0);
/** Smallest buffer of our own; a typical head fits. */
const OWN_BYTES_MIN = 1024;
/** Chunks up to this size are appended whole to what waits; of larger ones only as much as the parser asks for. */
const APPEND_BYTES_MAX = 2048;

/**
 * What was received and not read yet: `bytes[start, end)`.
 *
 * A chunk that arrives while nothing waits is used in place. What waits when the caller is asked for more (part of
 * a head or of a chunk line) is copied to memory of our own, because the caller's bytes are valid only until it
 * reads again. A large chunk behind such a rest is not appended: the parser gets a first piece of it behind the
 * rest, and goes on in the chunk itself once it has read past the rest. So no body is copied.
 */
export class Intake {
  bytes: Buffer = EMPTY;
  start = 0;
  end = 0;
  #own = false;
  /** The chunk behind the rest; a copy of its first bytes stands at `bytes[#tailAt]` and following. */
  #tail: Buffer | undefined;
  #tailAt = 0;

  get isEmpty(): boolean {
    return this.start === this.end && this.#tail === undefined;
  }

  receive(chunk: Uint8Array): void {
    const bytes = asBuffer(chunk);
    while (this.more());
    this.#tail = undefined;
    if (this.start === this.end) {
      this.bytes = bytes;
      this.start = 0;
      this.end = bytes.length;
      this.#own = false;
      return;
    }
    if (bytes.length <= APPEND_BYTES_MAX) {
      this.#append(bytes);
      return;
    }
    this.#reserve(APPEND_BYTES_MAX);
    this.#tail = bytes;
    this.#tailAt = this.end;
    this.more();
  }

  /** Lets the parser see more of the tail. False: all that was received is in view. */
  more(): boolean {
    const tail = this.#tail;
    if (tail === undefined) return false;
    const shown = this.end - this.#tailAt;
    if (shown >= tail.length) {
      this.#tail = undefined;
      return false;
    }
    const step = Math.min(tail.length - shown, Math.max(OWN_BYTES_MIN, shown));
    this.#append(tail.subarray(shown, shown + step));
    // Appending may have moved what waits. Negative when the parser has read past the rest already.
    this.#tailAt = this.end - shown - step;
    return true;
  }

  /** Call before reading body bytes: goes on in the tail itself once the rest before it is read. */
  settle(): void {
    const tail = this.#tail;
    if (tail === undefined || this.start < this.#tailAt) return;
    this.start -= this.#tailAt;
    this.end = tail.length;
    this.bytes = tail;
    this.#own = false;
    this.#tail = undefined;
  }

  /**
   * Makes what waits independent of the caller's bytes, and lets go of them when nothing waits, so that an idle
   * connection holds no buffer.
   */
  keep(): void {
    while (this.more());
    if (this.start === this.end) this.clear();
    else if (!this.#own) this.#reserve(0);
  }

  /** All that waits, in one piece; nothing waits afterwards. */
  takeAll(): Uint8Array {
    this.settle();
    while (this.more());
    const all = this.bytes.subarray(this.start, this.end);
    this.clear();
    return all;
  }

  /** Lets go of everything. */
  clear(): void {
    this.bytes = EMPTY;
    this.start = 0;
    this.end = 0;
    this.#own = false;
    this.#tail = undefined;
  }

  #append(chunk: Buffer): void {
    this.#reserve(chunk.length);
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }

  /** Own memory with room for `more` bytes. Doubles, so that appending costs a constant per byte. */
  #reserve(more: number): void {
    if (this.#own && this.end + more <= this.bytes.length) return;
    const waiting = this.end - this.start;
    const grown = Buffer.allocUnsafeSlow(Math.max(OWN_BYTES_MIN, 2 * (waiting + more)));
    this.bytes.copy(grown, 0, this.start, this.end);
    this.bytes = grown;
    this.start = 0;
    this.end = waiting;
    this.#own = true;
  }
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
