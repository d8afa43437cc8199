/** Thrown inside the codec alone: there are too few bytes for what comes next. */
export class NeedBits extends Error {
  override readonly name = 'NeedBits';
}

/** Bits of a stream, the highest of a byte first. Reading may begin again at a mark when bytes run out. */
export class BitReader {
  #buffer: Buffer = Buffer.alloc(0);
  /** In bits from the start of the buffer. */
  #at = 0;

  append(bytes: Uint8Array): void {
    const used = this.#at >> 3;
    this.#buffer = Buffer.concat([this.#buffer.subarray(used), bytes]);
    this.#at &= 7;
  }

  get mark(): number {
    return this.#at;
  }

  back(mark: number): void {
    this.#at = mark;
  }

  /** Bits that are there. */
  get left(): number {
    return this.#buffer.length * 8 - this.#at;
  }

  /** Up to 24 bits. */
  bits(count: number): number {
    if (this.left < count) throw new NeedBits();
    const byte = this.#at >> 3;
    const buffer = this.#buffer;
    const word =
      ((buffer[byte]! << 24) |
        ((buffer[byte + 1] ?? 0) << 16) |
        ((buffer[byte + 2] ?? 0) << 8) |
        (buffer[byte + 3] ?? 0)) >>>
      0;
    const value = (word << (this.#at & 7)) >>> (32 - count);
    this.#at += count;
    return count === 0 ? 0 : value;
  }

  bit(): number {
    const at = this.#at++;
    const byte = this.#buffer[at >> 3];
    if (byte === undefined) throw new NeedBits();
    return (byte >> (7 - (at & 7))) & 1;
  }

  /** To the next whole byte. */
  align(): void {
    this.#at = (this.#at + 7) & ~7;
  }
}
