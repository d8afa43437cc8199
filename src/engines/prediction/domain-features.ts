import type { HostParts } from '../../protocols/url/index.ts';
import type { Language } from './language.ts';
import { TextShape } from './text-shape.ts';
import type { Words } from './words.ts';

/** What a name is compared with; part of the model. */
export interface DomainKnowledge {
  readonly language: Language;
  readonly words: Words;
  /** How common a suffix is among popular domains: minus the logarithm of its part, in bits. */
  readonly suffixes: ReadonlyMap<string, number>;
}

/** Columns of the trees, in their order. */
export const DOMAIN_FEATURES = [
  'length',
  'digits',
  'hyphens',
  'entropy',
  'evenness',
  'vowels',
  'consonantRun',
  'digitRun',
  'switches',
  'alternation',
  'surprise',
  'peak',
  'surpriseSum',
  'covered',
  'words',
  'longestWord',
  'wordLength',
  'left',
  'hexadecimal',
  'repeats',
  'suffixRarity',
  'suffixLength',
  'isPrivateSuffix',
  'rareLetters',
] as const;

export type DomainFeature = (typeof DOMAIN_FEATURES)[number];
export const DOMAIN_FEATURE_AT = Object.fromEntries(
  DOMAIN_FEATURES.map((name, at) => [name, at]),
) as Readonly<Record<DomainFeature, number>>;
const F = DOMAIN_FEATURE_AT;

/** Of a suffix that no popular domain has. */
const RARITY_MAX = 17;

/** Fills `row` for the label that somebody registered. Reuses its working space. */
export class DomainFeatures {
  readonly row = new Float64Array(DOMAIN_FEATURES.length);
  readonly #knowledge: DomainKnowledge;
  readonly #shape = new TextShape();

  constructor(knowledge: DomainKnowledge) {
    this.#knowledge = knowledge;
  }

  fill({ name, suffix, isPrivate }: HostParts): Float64Array {
    const row = this.row.fill(0);
    const { language, words, suffixes } = this.#knowledge;
    row[F.suffixRarity] = suffixes.get(suffix) ?? RARITY_MAX;
    row[F.suffixLength] = suffix.length;
    row[F.isPrivateSuffix] = isPrivate ? 1 : 0;
    if (name === '') return row;
    const shape = this.#shape.measure(name);
    const { length } = shape;
    row[F.length] = length;
    row[F.digits] = shape.digits / length;
    row[F.hyphens] = shape.hyphens;
    row[F.entropy] = shape.entropy;
    row[F.evenness] = length === 1 ? 1 : shape.entropy / Math.log2(length);
    row[F.vowels] = shape.letters === 0 ? 0 : shape.vowels / shape.letters;
    row[F.consonantRun] = shape.consonantRun;
    row[F.digitRun] = shape.digitRun;
    row[F.switches] = shape.switches;
    row[F.surprise] = language.surprise(name);
    row[F.peak] = language.peak(name);
    row[F.surpriseSum] = row[F.surprise]! * (length + 1);
    const { covered, words: found, longest } = words.read(name);
    row[F.covered] = covered;
    row[F.words] = found;
    row[F.longestWord] = longest;
    row[F.wordLength] = found === 0 ? 0 : (covered * length) / found;
    row[F.left] = (1 - covered) * length;
    this.#letters(name);
    return row;
  }

  #letters(name: string): void {
    const { row } = this;
    let hexadecimal = 0;
    let rare = 0;
    let repeats = 0;
    let alternations = 0;
    let wasVowel = false;
    for (let at = 0; at < name.length; at++) {
      const letter = name[at]!;
      if ('0123456789abcdef'.includes(letter)) hexadecimal++;
      if ('jqxzwkvy'.includes(letter)) rare++;
      if (letter === name[at - 1]) repeats++;
      const isVowel = 'aeiou'.includes(letter);
      if (at > 0 && isVowel !== wasVowel) alternations++;
      wasVowel = isVowel;
    }
    row[F.hexadecimal] = hexadecimal / name.length;
    row[F.rareLetters] = rare / name.length;
    row[F.repeats] = repeats;
    row[F.alternation] = name.length === 1 ? 0 : alternations / (name.length - 1);
  }
}
