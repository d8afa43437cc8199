import { filterMix } from './filter-set.ts';

/** A set of fingerprints that is filled one by one, without a long step at the end: for lists that change often. */
export class PrintSet {
  readonly #words: Uint32Array;
  readonly #mask: number;
  /** The slot of an empty place reads as this fingerprint. */
  #hasZero = false;

  /** Holds up to `most` of them; twice the room, so that places are found at once. */
  constructor(most: number) {
    const places = 2 ** Math.max(4, Math.ceil(Math.log2(2 * most + 1)));
    this.#words = new Uint32Array(2 * places);
    this.#mask = places - 1;
  }

  add(a: number, b: number): void {
    if (a === 0 && b === 0) this.#hasZero = true;
    else this.#put(a >>> 0, b >>> 0);
  }

  /** Exact. Allocates nothing. */
  has(a: number, b: number): boolean {
    if (a === 0 && b === 0) return this.#hasZero;
    const words = this.#words;
    const high = a >>> 0;
    const low = b >>> 0;
    for (let slot = filterMix(a, b) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const x = words[slot * 2]!;
      const y = words[slot * 2 + 1]!;
      if (x === high && y === low) return true;
      if (x === 0 && y === 0) return false;
    }
  }

  #put(high: number, low: number): void {
    const words = this.#words;
    for (let slot = filterMix(high, low) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const x = words[slot * 2]!;
      const y = words[slot * 2 + 1]!;
      if (x === high && y === low) return;
      if (x !== 0 || y !== 0) continue;
      words[slot * 2] = high;
      words[slot * 2 + 1] = low;
      return;
    }
  }
}
