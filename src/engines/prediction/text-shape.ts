/** Counts over one piece of text, filled by `measure`; reused, so that a score allocates little. */
export class TextShape {
  length = 0;
  digits = 0;
  letters = 0;
  vowels = 0;
  upper = 0;
  hyphens = 0;
  /** Longest run of letters without a vowel, and of digits. */
  consonantRun = 0;
  digitRun = 0;
  /** How often a letter follows a digit or a digit a letter. */
  switches = 0;
  /** Shannon entropy, bits a character. */
  entropy = 0;
  /** Different characters. */
  distinct = 0;
  readonly #counts = new Uint16Array(128);

  /** Characters above ASCII count as one and the same. */
  measure(text: string): this {
    const counts = this.#counts.fill(0);
    let digits = 0;
    let letters = 0;
    let vowels = 0;
    let upper = 0;
    let consonants = 0;
    let consonantRun = 0;
    let digitRun = 0;
    let digitsNow = 0;
    let switches = 0;
    let before = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      counts[code & 127]!++;
      const kind = KINDS[code & 127]!;
      if (kind === DIGIT) {
        digits++;
        if (++digitsNow > digitRun) digitRun = digitsNow;
      } else digitsNow = 0;
      if (kind >= CONSONANT) {
        letters++;
        if (code < 97) upper++;
        if (kind === VOWEL) {
          vowels++;
          consonants = 0;
        } else if (++consonants > consonantRun) consonantRun = consonants;
      } else consonants = 0;
      const side = kind === DIGIT ? 1 : kind >= CONSONANT ? 2 : 0;
      if (side !== 0 && before !== 0 && side !== before) switches++;
      before = side;
    }
    this.length = text.length;
    this.digits = digits;
    this.letters = letters;
    this.vowels = vowels;
    this.upper = upper;
    this.hyphens = counts[45]!;
    this.consonantRun = consonantRun;
    this.digitRun = digitRun;
    this.switches = switches;
    this.#entropyOf(text.length);
    return this;
  }

  #entropyOf(length: number): void {
    let sum = 0;
    let distinct = 0;
    for (const count of this.#counts) {
      if (count === 0) continue;
      distinct++;
      sum += count < PRODUCTS.length ? PRODUCTS[count]! : count * Math.log2(count);
    }
    this.distinct = distinct;
    this.entropy = length === 0 ? 0 : Math.log2(length) - sum / length;
  }
}

/** A count times its logarithm: logarithms are what entropy costs. */
const PRODUCTS = Float64Array.from({ length: 256 }, (_, count) =>
  count === 0 ? 0 : count * Math.log2(count),
);

const DIGIT = 1;
const CONSONANT = 2;
const VOWEL = 3;
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const text = String.fromCharCode(code);
  if (text >= '0' && text <= '9') return DIGIT;
  if (!/[a-z]/i.test(text)) return 0;
  return /[aeiouy]/i.test(text) ? VOWEL : CONSONANT;
});
