import type { BitReader } from './bits.ts';

export const MAX_CODE_BITS = 20;

/** Canonical Huffman codes, read bit by bit with the first code of each length. */
export class HuffmanTable {
  readonly #first = new Int32Array(MAX_CODE_BITS + 2);
  readonly #count = new Int32Array(MAX_CODE_BITS + 2);
  readonly #start = new Int32Array(MAX_CODE_BITS + 2);
  readonly #symbols: Uint16Array;
  readonly #shortest: number;

  constructor(lengths: Uint8Array) {
    for (const length of lengths) this.#count[length]!++;
    this.#symbols = new Uint16Array(lengths.length);
    let code = 0;
    let place = 0;
    for (let length = 1; length <= MAX_CODE_BITS; length++) {
      this.#first[length] = code;
      this.#start[length] = place;
      for (let symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] === length) this.#symbols[place++] = symbol;
      }
      code = (code + this.#count[length]!) << 1;
    }
    this.#shortest = Math.min(...lengths);
  }

  /** -1: no code begins so. */
  read(bits: BitReader): number {
    let code = bits.bits(this.#shortest);
    for (let length = this.#shortest; length <= MAX_CODE_BITS; length++) {
      const at = code - this.#first[length]!;
      if (at < this.#count[length]!) return at < 0 ? -1 : this.#symbols[this.#start[length]! + at]!;
      code = (code << 1) | bits.bit();
    }
    return -1;
  }
}
