import { domainToUnicode } from 'node:url';
import { BRAND_LINES } from './brand-list.ts';
import { hashText } from './hashing.ts';

export interface Brand {
  readonly name: string;
  readonly domains: ReadonlySet<string>;
}

/** A brand's name where somebody else is at home. */
export interface BrandMention {
  readonly brand: Brand;
  /** How it is written: as the brand does, with letters that look alike, or with one letter more, less or other. */
  readonly spelling: 'plain' | 'look-alike' | 'near';
}

/** Names so short that they are looked for as whole words only. */
const WHOLE_MAX = 4;
/** Near spellings of shorter names are words of their own. */
const NEAR_MIN = 6;
const NEAR_MAX = 16;
/** Names that are words of everyday language: they count only beside another sign, so as whole words. */
const EVERYDAY = new Set(
  `apple chase orange target wise visa office signal meta zoom steam phantom jupiter gemini exodus regions discord
  infinity crypto ledger solana outlook twitch stripe interac blockchain proton dapp booking webmail sunrise
  stargate posta hermes tesla nike uber emirates fidelity nationwide allegro crypto stripe`.split(/\s+/),
);

/** ASCII that looks alike. */
const ALIKE: readonly string[] = Array.from({ length: 128 }, (_, code) => {
  const letter = String.fromCharCode(code).toLowerCase();
  const alike: Readonly<Record<string, string>> = {
    '0': 'o',
    '1': 'l',
    i: 'l',
    '3': 'e',
    '5': 's',
    '4': 'a',
  };
  return alike[letter] ?? letter;
});

/** Letters of other scripts that look like Latin ones (a choice of our own; UTS 39 has thousands). */
const CONFUSABLE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    а: 'a',
    ɑ: 'a',
    α: 'a',
    в: 'b',
    ь: 'b',
    с: 'c',
    ϲ: 'c',
    ԁ: 'd',
    ɗ: 'd',
    е: 'e',
    ё: 'e',
    ε: 'e',
    ҽ: 'e',
    ɡ: 'g',
    һ: 'h',
    н: 'h',
    і: 'l',
    ї: 'l',
    ı: 'l',
    ι: 'l',
    ӏ: 'l',
    ł: 'l',
    ј: 'j',
    к: 'k',
    κ: 'k',
    м: 'm',
    ո: 'n',
    η: 'n',
    о: 'o',
    ο: 'o',
    σ: 'o',
    ø: 'o',
    օ: 'o',
    р: 'p',
    ρ: 'p',
    ԛ: 'q',
    г: 'r',
    ѕ: 's',
    т: 't',
    τ: 't',
    υ: 'u',
    ս: 'u',
    ν: 'v',
    ѵ: 'v',
    ѡ: 'w',
    ԝ: 'w',
    ω: 'w',
    х: 'x',
    χ: 'x',
    у: 'y',
    γ: 'y',
    ʏ: 'y',
    ᴢ: 'z',
    ß: 'ss',
    æ: 'ae',
    œ: 'oe',
  }),
);

const BRANDS: readonly Brand[] = BRAND_LINES.trim()
  .split('\n')
  .map((line) => {
    const [name, ...domains] = line.split(' ');
    return { name: name!, domains: new Set([`${name}.com`, ...domains]) };
  });

/** By the skeleton of the name. */
const BY_SKELETON: ReadonlyMap<string, Brand> = new Map(BRANDS.map((brand) => [skeleton(brand.name), brand]));
/** By the hash of the skeleton, and of the skeleton without one of its letters. */
const NEAR: ReadonlyMap<number, Brand> = nearMap();
/** By the first four letters of the skeleton: those whose name may stand inside a longer word. */
const INSIDE: ReadonlyMap<number, readonly { readonly text: string; readonly brand: Brand }[]> = insideMap();

/** Domains of a brand, for people: `paypal.com, paypal.me`. */
export function domainsShown({ domains }: Brand): string {
  return [...domains].slice(0, 3).join(', ');
}

/** Whether the domain is one that the brand uses. */
export function isOwnDomain(brand: Brand, domain: string): boolean {
  return brand.domains.has(domain);
}

/** The brand that a part of a host, path or title names. Looks at the text as it reads, not as it is spelled. */
export function brandIn(text: string): BrandMention | undefined {
  const plain = text.includes('xn--') ? unicodeOf(text) : text;
  const shown = skeleton(plain);
  let found: BrandMention | undefined;
  for (let start = 0; start < shown.length;) {
    const end = wordEnd(shown, start);
    const whole = BY_SKELETON.get(shown.slice(start, end));
    if (whole !== undefined) found = better(found, mention(whole, plain));
    start = end + 1;
  }
  found ??= insideMention(shown, plain);
  return found ?? nearMention(shown);
}

/** Letters that look alike are written as one: `rn` as `m`, `0` as `o`, `1` and `i` as `l`. */
export function skeleton(text: string): string {
  let shown = '';
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 128) {
      shown += CONFUSABLE.get(text[at]!) ?? withoutMarks(text[at]!);
      continue;
    }
    const next = text.charCodeAt(at + 1);
    if (code === 0x72 && next === 0x6e) {
      shown += 'm';
      at++;
    } else if (code === 0x76 && next === 0x76) {
      shown += 'w';
      at++;
    } else shown += ALIKE[code]!;
  }
  return shown;
}

function unicodeOf(host: string): string {
  // An A-label that cannot be decoded comes back empty.
  return domainToUnicode(host) || host;
}

function better(one: BrandMention | undefined, other: BrandMention): BrandMention {
  return one === undefined || one.brand.name.length < other.brand.name.length ? other : one;
}

function mention(brand: Brand, plain: string): BrandMention {
  return { brand, spelling: plain.includes(brand.name) ? 'plain' : 'look-alike' };
}

function wordEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && !isBreak(text.charCodeAt(end))) end++;
  return end;
}

/** `-`, `.`, `/`, `_`, space and the like; also `|` of a title. */
function isBreak(code: number): boolean {
  return code < 0x30 || (code >= 0x3a && code <= 0x40) || (code >= 0x5b && code <= 0x60) || code === 0x7c;
}

function insideMention(shown: string, plain: string): BrandMention | undefined {
  for (let at = 0; at + WHOLE_MAX < shown.length; at++) {
    const candidates = INSIDE.get(packed(shown, at));
    if (candidates === undefined) continue;
    for (const { text, brand } of candidates) if (shown.startsWith(text, at)) return mention(brand, plain);
  }
  return undefined;
}

function nearMention(shown: string): BrandMention | undefined {
  for (let start = 0; start < shown.length;) {
    const end = wordEnd(shown, start);
    const length = end - start;
    if (length >= NEAR_MIN - 1 && length <= NEAR_MAX) {
      const word = shown.slice(start, end);
      const brand = NEAR.get(hashText(word)) ?? withoutOneLetter(word);
      if (brand !== undefined) return { brand, spelling: 'near' };
    }
    start = end + 1;
  }
  return undefined;
}

/** A letter more than the name, or another letter in its place. */
function withoutOneLetter(word: string): Brand | undefined {
  if (word.length < NEAR_MIN) return undefined;
  for (let at = 0; at < word.length; at++) {
    const brand = NEAR.get(hashText(word, at + 1, word.length, rawHash(word, at)));
    if (brand !== undefined && Math.abs(skeleton(brand.name).length - word.length) <= 1) return brand;
  }
  return undefined;
}

/** The running state of `hashText` over the first letters. */
function rawHash(word: string, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < end; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash;
}

function nearMap(): ReadonlyMap<number, Brand> {
  const map = new Map<number, Brand>();
  for (const brand of BRANDS) {
    const name = skeleton(brand.name);
    if (name.length < NEAR_MIN || EVERYDAY.has(brand.name)) continue;
    map.set(hashText(name), brand);
    for (let at = 0; at < name.length; at++) map.set(hashText(name.slice(0, at) + name.slice(at + 1)), brand);
  }
  return map;
}

function insideMap() {
  const map = new Map<number, { text: string; brand: Brand }[]>();
  for (const brand of BRANDS) {
    const text = skeleton(brand.name);
    if (text.length <= WHOLE_MAX || EVERYDAY.has(brand.name)) continue;
    const key = packed(text, 0);
    map.set(key, [...(map.get(key) ?? []), { text, brand }]);
  }
  return map;
}

function packed(text: string, at: number): number {
  return (
    ((text.charCodeAt(at) & 127) << 21) |
    ((text.charCodeAt(at + 1) & 127) << 14) |
    ((text.charCodeAt(at + 2) & 127) << 7) |
    (text.charCodeAt(at + 3) & 127)
  );
}

function withoutMarks(letter: string): string {
  return letter.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
