import { hashText } from './hashing.ts';

export const WORD_LENGTH_MIN = 3;
export const WORD_LENGTH_MAX = 14;
/** Labels have at most 63 letters (RFC 1035 section 2.3.4). */
const LABEL_MAX = 63;

/** How a label reads as words that stand side by side. */
export interface Wording {
  /** Part of the letters that words cover, 0 to 1. */
  covered: number;
  /** Words of that reading. */
  words: number;
  /** Letters of its longest word. */
  longest: number;
}

/**
 * A list of words as hashes, and the reading of a label that leaves the fewest letters over, with the fewest words.
 * Reuses its working space: a call ends before the next begins.
 */
export class Words {
  readonly list: readonly string[];
  readonly #slots: Uint32Array;
  readonly #mask: number;
  /** For each end: letters left over, words, longest word of the best reading so far. */
  readonly #left = new Uint8Array(LABEL_MAX + 1);
  readonly #count = new Uint8Array(LABEL_MAX + 1);
  readonly #longest = new Uint8Array(LABEL_MAX + 1);
  readonly #wording: Wording = { covered: 0, words: 0, longest: 0 };

  constructor(list: readonly string[]) {
    this.list = list;
    const size = 2 ** Math.ceil(Math.log2(Math.max(8, list.length * 3)));
    this.#mask = size - 1;
    this.#slots = new Uint32Array(size);
    for (const word of list) this.#add(hashText(word) || 1);
  }

  has(word: string): boolean {
    return this.#hasHash(hashText(word) || 1);
  }

  /** Overwritten by the next call. At most `LABEL_MAX` × `WORD_LENGTH_MAX` look-ups. */
  read(label: string): Wording {
    const length = Math.min(label.length, LABEL_MAX);
    const left = this.#left;
    const count = this.#count;
    const longest = this.#longest;
    for (let end = 1; end <= length; end++) {
      left[end] = left[end - 1]! + 1;
      count[end] = count[end - 1]!;
      longest[end] = longest[end - 1]!;
      const first = Math.max(0, end - WORD_LENGTH_MAX);
      for (let start = end - WORD_LENGTH_MIN; start >= first; start--) {
        const better =
          left[start]! < left[end]! || (left[start] === left[end] && count[start]! + 1 < count[end]!);
        if (!better || !this.#hasHash(hashText(label, start, end) || 1)) continue;
        left[end] = left[start]!;
        count[end] = count[start]! + 1;
        longest[end] = Math.max(longest[start]!, end - start);
      }
    }
    this.#wording.covered = length === 0 ? 0 : 1 - left[length]! / length;
    this.#wording.words = count[length]!;
    this.#wording.longest = longest[length]!;
    return this.#wording;
  }

  #add(hash: number): void {
    let at = hash & this.#mask;
    while (this.#slots[at] !== 0 && this.#slots[at] !== hash) at = (at + 1) & this.#mask;
    this.#slots[at] = hash;
  }

  #hasHash(hash: number): boolean {
    for (let at = hash & this.#mask; this.#slots[at] !== 0; at = (at + 1) & this.#mask) {
      if (this.#slots[at] === hash) return true;
    }
    return false;
  }
}
