import { type Address, formatAddress, parseAddress, parseNetwork } from '../../kernel/index.ts';
import { isAddressHost } from '../../protocols/url/index.ts';
import type { FeedSource } from './feed-source.ts';
import { addressWords, Fingerprints } from './fingerprints.ts';
import type { Suppressed } from './import-types.ts';
import { type IndicatorKind, Key, networkText } from './keys.ts';
import type { Found } from './segment.io.ts';

const SAMPLES_MAX = 5;

/**
 * Warning lists: values that are known to be in lists by mistake. A domain of them covers entries for whole hosts
 * at and below it, a network addresses and networks inside, everything else exactly itself. An entry for a part
 * of a host (`docs.example/evil`) is covered by nothing but itself.
 */
export class Suppression {
  readonly #sources: readonly FeedSource[];
  readonly #nowS: number;
  readonly #prints = new Fingerprints();
  readonly #key = new Key();
  readonly #words = new Uint32Array(4);
  readonly #counts = new Map<string, { count: number; samples: string[] }>();
  count = 0;

  constructor(sources: readonly FeedSource[], nowS: number) {
    this.#sources = sources;
    this.#nowS = nowS;
  }

  /** Whether the entry is covered; then it is counted. */
  takes(kind: IndicatorKind, value: string): boolean {
    for (const source of this.#sources) {
      if (!this.#covers(source, kind, value)) continue;
      this.count++;
      let counted = this.#counts.get(source.feed);
      if (counted === undefined) this.#counts.set(source.feed, (counted = { count: 0, samples: [] }));
      counted.count++;
      if (counted.samples.length < SAMPLES_MAX) counted.samples.push(value);
      return true;
    }
    return false;
  }

  report(): readonly Suppressed[] {
    return [...this.#counts]
      .map(([list, { count, samples }]) => ({ list, count, samples }))
      .toSorted((x, y) => y.count - x.count || (x.list < y.list ? -1 : 1));
  }

  #covers(source: FeedSource, kind: IndicatorKind, value: string): boolean {
    if (kind === 'domain' || kind === 'host') return this.#coversHost(source, value);
    if (kind === 'address') return this.#coversAddress(source, value);
    if (kind === 'network') {
      const network = parseNetwork(value);
      if (network === undefined) return false;
      return this.#inNetwork(source, { family: network.family, value: network.first }, network.prefix);
    }
    const isRoot = kind === 'url' && value.indexOf('/') === value.length - 1;
    if (!isRoot) return this.#isExact(source, kind, value);
    const host = value.slice(0, -1);
    if (isAddressHost(host)) return this.#coversAddress(source, host);
    return this.#coversHost(source, host);
  }

  #coversHost(source: FeedSource, host: string): boolean {
    const prints = this.#prints;
    prints.host(host, false);
    for (let suffix = prints.suffixes - 1; suffix >= 0; suffix--) {
      const a = prints.suffixA[suffix]!;
      const b = prints.suffixB[suffix]!;
      if (!source.has(a, b)) continue;
      const start = prints.suffixStarts[suffix]!;
      const found = source.find(this.#key.setText(`${host.slice(start)}/`, 'keys'), a, b);
      if (found.some((each) => (each.kind === 'domain' || start === 0) && this.#isValid(each))) return true;
    }
    return false;
  }

  #coversAddress(source: FeedSource, text: string): boolean {
    const address = parseAddress(text);
    if (address === undefined) return false;
    return (
      this.#isExact(source, 'address', formatAddress(address)) ||
      this.#inNetwork(source, address, address.family === 4 ? 32 : 128)
    );
  }

  #inNetwork(source: FeedSource, address: Address, longest: number): boolean {
    const prints = this.#prints;
    addressWords(address, this.#words);
    for (const prefix of address.family === 4 ? source.prefixes4 : source.prefixes6) {
      if (prefix > longest) continue;
      prints.network(this.#words, address.family, prefix);
      if (!source.has(prints.a, prints.b)) continue;
      const found = source.find(this.#key.set('network', networkText(address, prefix)), prints.a, prints.b);
      if (found.some((each) => this.#isValid(each))) return true;
    }
    return false;
  }

  #isExact(source: FeedSource, kind: IndicatorKind, value: string): boolean {
    let isKnown = false;
    this.#prints.entry(kind, value, undefined, (a, b) => {
      isKnown ||=
        source.has(a, b) &&
        source
          .find(this.#key.set(kind, value), a, b)
          .some((each) => each.kind === kind && this.#isValid(each));
    });
    return isKnown;
  }

  #isValid({ expiresAtS }: Found): boolean {
    return expiresAtS === undefined || expiresAtS > this.#nowS;
  }
}
