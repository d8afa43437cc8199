import type { Address, Network } from '../../kernel/index.ts';
import type { IndicatorKind } from './keys.ts';

/**
 * 64-bit fingerprints for the filters: cheap, and incremental where look-ups need many related ones.
 *
 * A host is hashed from its end, so one pass gives every parent domain; a path from its start, so one
 * pass gives every folder. A URL combines the two. They only say "maybe": a match is always checked
 * against 128 bits of SHA-256, so it does not matter that fingerprints can be forged.
 *
 * Entries of kind host, domain and address have the fingerprint of their host text. A URL entry has two:
 * its own, and its host's, so that one probe says that nothing at all is known below a host. The fingerprint of
 * a hash are its own first 64 bits.
 */
export class Fingerprints {
  /** Where each suffix of the last host starts, the shortest suffix first; the whole host is the last. */
  readonly suffixStarts = new Uint16Array(HOST_LABELS_MAX + 1);
  readonly suffixA = new Int32Array(HOST_LABELS_MAX + 1);
  readonly suffixB = new Int32Array(HOST_LABELS_MAX + 1);
  suffixes = 0;

  /** The prefixes of the last path, the shortest first, as lengths of `path?query`. */
  readonly prefixLengths = new Uint32Array(PREFIXES_MAX);
  readonly prefixA = new Int32Array(PREFIXES_MAX);
  readonly prefixB = new Int32Array(PREFIXES_MAX);
  prefixes = 0;

  /** The fingerprint of the last call of `url`, `network`, `hash` or `text`. */
  a = 0;
  b = 0;

  readonly #words = new Uint32Array(4);

  /** Hands out the fingerprints of an entry, one or two: what a filter over entries must hold. */
  entry(
    kind: IndicatorKind,
    value: string,
    network: Network | undefined,
    add: (a: number, b: number) => void,
  ): void {
    if (network !== undefined) {
      addressWords({ family: network.family, value: network.first }, this.#words);
      this.network(this.#words, network.family, network.prefix);
      add(this.a, this.b);
      return;
    }
    if (kind === 'hash') {
      this.hash(value);
      add(this.a, this.b);
      return;
    }
    const slash = kind === 'url' ? value.indexOf('/') : -1;
    this.host(slash < 0 ? value : value.slice(0, slash), true);
    add(this.suffixA[0]!, this.suffixB[0]!);
    if (slash < 0) return;
    this.path(value.slice(slash), '');
    this.url(0, this.prefixes - 1);
    add(this.a, this.b);
  }

  /** Fills the suffixes. With `isWhole` (addresses) there is only one. */
  host(host: string, isWhole: boolean): void {
    let a = SEED_A;
    let b = SEED_B;
    let count = 0;
    for (let at = host.length - 1; at >= 0; at--) {
      const code = host.charCodeAt(at);
      if (code === DOT && !isWhole && count < HOST_LABELS_MAX) {
        this.suffixStarts[count] = at + 1;
        this.suffixA[count] = a;
        this.suffixB[count] = b;
        count++;
      }
      a = Math.imul(a ^ code, MULTIPLY_A);
      a ^= a >>> 15;
      b = Math.imul(b ^ code, MULTIPLY_B);
      b ^= b >>> 13;
    }
    this.suffixStarts[count] = 0;
    this.suffixA[count] = a;
    this.suffixB[count] = b;
    this.suffixes = count + 1;
  }

  /** Fills the prefixes: `/`, three more folders, the path, and the path with its query. */
  path(path: string, query: string): void {
    let a = SEED_A;
    let b = SEED_B;
    let count = 0;
    for (let at = 0; at < path.length; at++) {
      const code = path.charCodeAt(at);
      a = Math.imul(a ^ code, MULTIPLY_A);
      a ^= a >>> 15;
      b = Math.imul(b ^ code, MULTIPLY_B);
      b ^= b >>> 13;
      if (code === SLASH && count < FOLDERS_MAX && at + 1 < path.length) this.#prefix(count++, at + 1, a, b);
    }
    this.#prefix(count++, path.length, a, b);
    if (query !== '') {
      for (let at = -1; at < query.length; at++) {
        const code = at < 0 ? QUESTION : query.charCodeAt(at);
        a = Math.imul(a ^ code, MULTIPLY_A);
        a ^= a >>> 15;
        b = Math.imul(b ^ code, MULTIPLY_B);
        b ^= b >>> 13;
      }
      this.#prefix(count++, path.length + 1 + query.length, a, b);
    }
    this.prefixes = count;
  }

  hash(hex: string): void {
    this.a = hexWord(hex, 0);
    this.b = hexWord(hex, 8);
  }

  /** A text as a whole: mail addresses, which have the fingerprint of no host. */
  text(text: string): void {
    this.host(text, true);
    this.a = this.suffixA[0]!;
    this.b = this.suffixB[0]!;
  }

  /** Combines suffix and prefix into `a` and `b`. */
  url(suffix: number, prefix: number): void {
    const pathA = this.prefixA[prefix]!;
    const pathB = this.prefixB[prefix]!;
    this.a = Math.imul(this.suffixA[suffix]! ^ ((pathA << 13) | (pathA >>> 19)), MULTIPLY_A) ^ pathB;
    this.b = Math.imul(this.suffixB[suffix]! ^ ((pathB << 17) | (pathB >>> 15)), MULTIPLY_B) ^ pathA;
  }

  /** The network of that prefix around the address. */
  network(words: Uint32Array, family: 4 | 6, prefix: number): void {
    let a = SEED_A ^ (family << 8) ^ prefix;
    let b = SEED_B ^ (family << 16) ^ prefix;
    for (let at = 0; at < (family === 4 ? 1 : 4); at++) {
      const bits = Math.min(32, Math.max(0, prefix - at * 32));
      const word = bits === 0 ? 0 : words[at]! & (-1 << (32 - bits));
      a = Math.imul(a ^ word, MULTIPLY_A);
      a ^= a >>> 15;
      b = Math.imul(b ^ word, MULTIPLY_B);
      b ^= b >>> 13;
    }
    this.a = a;
    this.b = b;
  }

  #prefix(at: number, length: number, a: number, b: number): void {
    this.prefixLengths[at] = length;
    this.prefixA[at] = a;
    this.prefixB[at] = b;
  }
}

/** Most labels that 253 bytes can hold; escaped hosts may have more, those keep their shortest suffixes. */
const HOST_LABELS_MAX = 127;
const FOLDERS_MAX = 4;
const PREFIXES_MAX = FOLDERS_MAX + 2;
const DOT = 0x2e;
const SLASH = 0x2f;
const QUESTION = 0x3f;
/** Odd constants of xxHash32; any with well spread bits will do. */
const SEED_A = 0x165667b1;
const SEED_B = 0x27d4eb2f;
const MULTIPLY_A = 0x9e3779b1;
const MULTIPLY_B = 0x85ebca77;

/** The address as big-endian words: one for IPv4, four for IPv6. */
export function addressWords(address: Address, into: Uint32Array): void {
  if (address.family === 4) into[0] = Number(address.value);
  else
    for (let at = 0; at < 4; at++) into[at] = Number((address.value >> BigInt(96 - 32 * at)) & 0xffff_ffffn);
}

/** Eight lower-case hexadecimal digits. */
function hexWord(hex: string, start: number): number {
  let word = 0;
  for (let at = start; at < start + 8; at++) {
    const code = hex.charCodeAt(at);
    word = (word << 4) | (code <= 0x39 ? code - 0x30 : code - 0x57);
  }
  return word;
}
