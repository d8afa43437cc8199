/** The wire types of protocol buffers that are in use; groups (3, 4) have been gone since proto3. */
export type WireType = 0 | 1 | 2 | 5;

const NOTHING = new Uint8Array(0);

/**
 * Reads the wire format of protocol buffers. A malformed message does not throw: `failure` says what is wrong, and
 * from then on everything is empty and over.
 */
export class ProtoReader {
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #end: number;
  failure: string | undefined;
  /** Of the tag read last. */
  number = 0;
  type: WireType = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#at = 0;
    this.#end = bytes.length;
  }

  get over(): boolean {
    return this.failure !== undefined || this.#at >= this.#end;
  }

  /** False: the message is over, or malformed. */
  nextTag(): boolean {
    if (this.over) return false;
    const tag = this.varint();
    if (this.failure !== undefined) return false;
    const type = Number(tag & 7n);
    const number = Number(tag >> 3n);
    // Field numbers have 29 bits.
    if (number === 0 || number > 0x1fff_ffff) return this.#fail('a field number out of range');
    if (type !== 0 && type !== 1 && type !== 2 && type !== 5) return this.#fail('an unknown wire type');
    this.number = number;
    this.type = type;
    return true;
  }

  /** At most ten bytes; the tenth may only hold the last bit of 64. */
  varint(): bigint {
    let low = 0;
    let scale = 1;
    // Seven groups of seven bits are exact in a double; most numbers end here.
    for (let group = 0; group < 7; group++) {
      if (this.#at >= this.#end) return this.#failNumber('a number that is cut off');
      const byte = this.#bytes[this.#at++]!;
      low += (byte & 0x7f) * scale;
      if (byte < 0x80) return BigInt(low);
      scale *= 128;
    }
    let value = BigInt(low);
    for (let group = 7; group < 10; group++) {
      if (this.#at >= this.#end) return this.#failNumber('a number that is cut off');
      const byte = this.#bytes[this.#at++]!;
      if (group === 9 && byte > 1) break;
      value |= BigInt(byte & 0x7f) << BigInt(7 * group);
      if (byte < 0x80) return value;
    }
    return this.#failNumber('a number of more than 64 bits');
  }

  fixed64(): bigint {
    const bytes = this.#take(8);
    if (bytes.length < 8) return 0n;
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  }

  /** A view into the message, not a copy. */
  bytes(): Uint8Array {
    const length = this.varint();
    if (length > BigInt(this.#end - this.#at)) {
      this.#fail('a length beyond the end');
      return NOTHING;
    }
    return this.#take(Number(length));
  }

  skip(): void {
    if (this.type === 0) this.varint();
    else if (this.type === 1) this.#take(8);
    else if (this.type === 2) this.bytes();
    else this.#take(4);
  }

  fail(reason: string): void {
    this.#fail(reason);
  }

  #take(length: number): Uint8Array {
    if (this.failure !== undefined) return NOTHING;
    if (length > this.#end - this.#at) {
      this.#fail('a length beyond the end');
      return NOTHING;
    }
    const piece = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return piece;
  }

  #fail(reason: string): false {
    this.failure ??= reason;
    return false;
  }

  #failNumber(reason: string): bigint {
    this.#fail(reason);
    return 0n;
  }
}
