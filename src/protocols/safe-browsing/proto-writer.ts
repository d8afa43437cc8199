import type { WireType } from './proto-reader.ts';

/** Writes the wire format of protocol buffers. Long byte strings are kept as they are until the end. */
export class ProtoWriter {
  readonly #pieces: Uint8Array[] = [];
  #small: number[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  tag(number: number, type: WireType): void {
    this.varint(BigInt(number * 8 + type));
  }

  /** Negative numbers are written as 64 bits in two's complement. */
  varint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    while (rest > 127n) {
      this.#byte(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.#byte(Number(rest));
  }

  fixed64(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    for (let each = 0; each < 8; each++) {
      this.#byte(Number(rest & 255n));
      rest >>= 8n;
    }
  }

  /** The length first. The bytes must not change until `finish`. */
  bytes(bytes: Uint8Array): void {
    this.varint(BigInt(bytes.length));
    if (bytes.length <= SMALL_BYTES) {
      for (const byte of bytes) this.#byte(byte);
      return;
    }
    this.#flush();
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }

  finish(): Uint8Array {
    this.#flush();
    return Buffer.concat(this.#pieces, this.#length);
  }

  #byte(byte: number): void {
    this.#small.push(byte);
    this.#length++;
  }

  #flush(): void {
    if (this.#small.length === 0) return;
    this.#pieces.push(Uint8Array.from(this.#small));
    this.#small = [];
  }
}

const SMALL_BYTES = 64;
