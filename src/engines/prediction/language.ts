/** `a`–`z`, `0`–`9`, hyphen, and the edge of a label. */
export const LETTERS = 38;
const EDGE = 37;
const HYPHEN = 36;
export const LANGUAGE_BYTES = LETTERS ** 3;
/** Steps of one eighth of a bit: 255 of them reach past the rarest triple that is worth telling apart. */
const STEPS_PER_BIT = 16;
const STEPS_MAX = 255;

const SYMBOLS = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code >= 97 && code <= 122) return code - 97;
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 48 && code <= 57) return 26 + code - 48;
  return HYPHEN;
});

/**
 * How usual a label is among the names that people give: for each letter, minus the logarithm of its probability
 * after the two letters before it, one byte a triple.
 */
export class Language {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Bits a letter, 0 to about 16: 3 to 4 for words, above 5 for letters by chance. 0 for no text. */
  surprise(text: string): number {
    const { bytes } = this;
    let first = EDGE;
    let second = EDGE;
    let steps = 0;
    for (let at = 0; at <= text.length; at++) {
      const third = at === text.length ? EDGE : SYMBOLS[text.charCodeAt(at) & 127]!;
      steps += bytes[(first * LETTERS + second) * LETTERS + third]!;
      first = second;
      second = third;
    }
    return text.length === 0 ? 0 : steps / (STEPS_PER_BIT * (text.length + 1));
  }

  /** The most surprising four letters in a row, bits a letter. */
  peak(text: string): number {
    const { bytes } = this;
    let first = EDGE;
    let second = EDGE;
    let window = 0;
    let most = 0;
    const last = [0, 0, 0, 0];
    for (let at = 0; at < text.length; at++) {
      const third = SYMBOLS[text.charCodeAt(at) & 127]!;
      const steps = bytes[(first * LETTERS + second) * LETTERS + third]!;
      window += steps - last[at & 3]!;
      last[at & 3] = steps;
      if (window > most) most = window;
      first = second;
      second = third;
    }
    return most / (4 * STEPS_PER_BIT);
  }
}

/**
 * Counts triples in labels and turns them into a `Language`: absolute discounting, backed off to pairs and single
 * letters, so that a triple nobody has seen is rare and not impossible.
 */
export function learnLanguage(labels: Iterable<string>): Language {
  const triples = new Float64Array(LANGUAGE_BYTES);
  for (const label of labels) {
    let first = EDGE;
    let second = EDGE;
    for (let at = 0; at <= label.length; at++) {
      const third = at === label.length ? EDGE : SYMBOLS[label.charCodeAt(at) & 127]!;
      triples[(first * LETTERS + second) * LETTERS + third]!++;
      first = second;
      second = third;
    }
  }
  return new Language(quantized(triples));
}

const DISCOUNT = 0.75;

function quantized(triples: Float64Array): Uint8Array {
  const pairs = new Float64Array(LETTERS ** 2);
  const singles = new Float64Array(LETTERS);
  for (let at = 0; at < triples.length; at++) {
    pairs[at % LETTERS ** 2]! += triples[at]!;
    singles[at % LETTERS]! += triples[at]!;
  }
  const all = singles.reduce((sum, count) => sum + count, 0);
  const single = singles.map((count) => (count + 1) / (all + LETTERS));
  const pair = smoothed(pairs, (at) => single[at % LETTERS]!);
  const triple = smoothed(triples, (at) => pair[at % LETTERS ** 2]!);
  return Uint8Array.from(triple, (chance) =>
    Math.min(STEPS_MAX, Math.round(-Math.log2(chance) * STEPS_PER_BIT)),
  );
}

/** Chances of the last letter of each row of `LETTERS` counts; what is discounted goes to `backOff`. */
function smoothed(counts: Float64Array, backOff: (at: number) => number): Float64Array {
  const chances = new Float64Array(counts.length);
  for (let row = 0; row < counts.length; row += LETTERS) {
    let sum = 0;
    let kinds = 0;
    for (let at = row; at < row + LETTERS; at++) {
      sum += counts[at]!;
      if (counts[at]! > 0) kinds++;
    }
    for (let at = row; at < row + LETTERS; at++) {
      const own = sum === 0 ? 0 : Math.max(0, counts[at]! - DISCOUNT) / sum;
      const left = sum === 0 ? 1 : (DISCOUNT * kinds) / sum;
      chances[at] = own + left * backOff(at);
    }
  }
  return chances;
}
