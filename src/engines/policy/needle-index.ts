/** What is shorter is found in too many texts. */
export const NEEDLE_CHARS_MIN = 4;
/** In a longer text the search costs more than it saves: every needle counts as found. */
const TEXT_CHARS_MAX = 8192;
const FILTER_MIN = 1024;
const FILTER_MAX = 65_536;

interface Needle {
  readonly text: string;
  readonly value: number;
}

/**
 * Which values have a needle in a text, without asking for each needle: four characters stand for it, those that the
 * fewest other needles have, and the text is walked once. May name values whose needle is not there, never fewer.
 */
export class NeedleIndex {
  /** In the order in which they were given. */
  readonly values: readonly number[];
  readonly #grams = new Map<number, number[]>();
  /** Most characters of a text begin no gram of a needle: a look here says so. */
  readonly #filter: Uint8Array;
  readonly #mask: number;

  constructor(needles: readonly Needle[]) {
    this.values = needles.map(({ value }) => value);
    const size = 2 ** Math.ceil(Math.log2(16 * needles.length + 1));
    this.#mask = Math.min(Math.max(size, FILTER_MIN), FILTER_MAX) - 1;
    this.#filter = new Uint8Array(this.#mask + 1);
    const counts = new Map<number, number>();
    for (const { text } of needles) {
      for (const gram of gramsOf(text)) counts.set(gram, (counts.get(gram) ?? 0) + 1);
    }
    for (const { text, value } of needles) {
      const gram = [...gramsOf(text)].reduce((a, b) => (counts.get(b)! < counts.get(a)! ? b : a));
      const list = this.#grams.get(gram);
      if (list === undefined) this.#grams.set(gram, [value]);
      else list.push(value);
      this.#filter[gram & this.#mask] = 1;
    }
  }

  find(text: string, found: (values: readonly number[]) => void): void {
    if (text.length > TEXT_CHARS_MAX) {
      found(this.values);
      return;
    }
    const filter = this.#filter;
    const mask = this.#mask;
    for (let at = 0; at + NEEDLE_CHARS_MIN <= text.length; at++) {
      const gram = gramAt(text, at);
      if (filter[gram & mask] === 0) continue;
      const values = this.#grams.get(gram);
      if (values !== undefined) found(values);
    }
  }
}

function* gramsOf(text: string): Generator<number> {
  for (let at = 0; at + NEEDLE_CHARS_MIN <= text.length; at++) yield gramAt(text, at);
}

/** Four characters as a number; two of them may be the same, and then there is one question more. */
function gramAt(text: string, at: number): number {
  const first = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
  const second = text.charCodeAt(at + 2) | (text.charCodeAt(at + 3) << 16);
  const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca77);
  // The filter takes the low bits, the product mixes the high ones.
  return (mixed ^ (mixed >>> 15)) & 0x3fffffff;
}
