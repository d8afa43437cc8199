import {
  type Address,
  type Clock,
  embeddedIpv4,
  formatAddress,
  type Match,
  parseAddress,
} from '../../kernel/index.ts';
import { type CanonicalUrl, isAddressHost } from '../../protocols/url/index.ts';
import { addressWords, Fingerprints } from './fingerprints.ts';
import type { FuseFilter } from './fuse-filter.ts';
import { keyText, networkText } from './keys.ts';
import { LOCAL_FEED } from './manifest.ts';
import type { Found } from './segment.io.ts';

/** One feed, or the local lists, as look-ups see it. */
export interface Source {
  readonly feed: string;
  readonly licence: string;
  readonly priority: number;
  readonly filter: FuseFilter;
  readonly prefixes4: readonly number[];
  readonly prefixes6: readonly number[];
  find(key: string): Found | undefined;
}

const NONE: readonly Match[] = Object.freeze([]);

interface Hit {
  readonly match: Match;
  readonly rank: number;
  readonly specificity: number;
  readonly priority: number;
}

/** A server is asked for again and again by its address; a few kilobytes of them are enough. */
const UNLISTED_MAX = 1024;

/**
 * Asks all sources and sorts what matched. Synchronous; when nothing matches, nothing is allocated but
 * for addresses. For most questions the answer is one filter probe a source and parent domain.
 */
export class Lookup {
  readonly #sources: readonly Source[];
  readonly #clock: Clock;
  readonly #prints = new Fingerprints();
  /** Addresses that no source knows. The sources of a look-up never change, so this stays true. */
  readonly #unlisted = new Set<string>();
  readonly #words = new Uint32Array(4);

  constructor(sources: readonly Source[], clock: Clock) {
    this.#sources = sources;
    this.#clock = clock;
  }

  url(url: CanonicalUrl): readonly Match[] {
    return this.#hostAndPath(url.host, url.path, url.query);
  }

  /** Also URL entries for the whole host (`evil.example/`): who asks for a host means all of it. */
  host(host: string): readonly Match[] {
    return this.#hostAndPath(host, '/', '');
  }

  address(text: string): readonly Match[] {
    const address = parseAddress(text);
    if (address === undefined) return NONE;
    const hits: Hit[] = [];
    this.#addressHits(address, hits);
    return sorted(hits);
  }

  #hostAndPath(host: string, path: string, query: string): readonly Match[] {
    const isAddress = isAddressHost(host);
    const prints = this.#prints;
    prints.host(host, isAddress);
    let hasPath = false;
    let hits: Hit[] | undefined;
    for (const source of this.#sources) {
      for (let suffix = prints.suffixes - 1; suffix >= 0; suffix--) {
        if (!source.filter.has(prints.suffixA[suffix]!, prints.suffixB[suffix]!)) continue;
        if (!hasPath) prints.path(path, query);
        hasPath = true;
        hits ??= [];
        this.#suffixHits(source, host, suffix, query === '' ? path : `${path}?${query}`, hits);
      }
    }
    if (isAddress && !this.#unlisted.has(host)) {
      const address = parseAddress(host);
      hits ??= [];
      const before = hits.length;
      if (address !== undefined) this.#addressHits(address, hits);
      if (hits.length === before) this.#rememberUnlisted(host);
    }
    return hits === undefined ? NONE : sorted(hits);
  }

  #rememberUnlisted(host: string): void {
    if (this.#unlisted.size >= UNLISTED_MAX) this.#unlisted.clear();
    this.#unlisted.add(host);
  }

  /** The filter says that the source may know something at or below this suffix of the host. */
  #suffixHits(source: Source, host: string, suffix: number, target: string, hits: Hit[]): void {
    const prints = this.#prints;
    const start = prints.suffixStarts[suffix]!;
    const name = start === 0 ? host : host.slice(start);
    if (start === 0) this.#hit(source, 'host', name, 1001 + 2 * name.length, hits);
    this.#hit(source, 'domain', name, 1000 + 2 * name.length, hits);
    for (let prefix = prints.prefixes - 1; prefix >= 0; prefix--) {
      prints.url(suffix, prefix);
      if (!source.filter.has(prints.a, prints.b)) continue;
      const value = name + target.slice(0, prints.prefixLengths[prefix]);
      this.#hit(source, 'url', value, 10_000 + value.length, hits);
    }
  }

  /** An IPv6 address that carries an IPv4 address is judged as both. */
  #addressHits(address: Address, hits: Hit[]): void {
    this.#oneAddress(address, hits);
    const embedded = embeddedIpv4(address);
    if (embedded !== undefined) this.#oneAddress(embedded, hits);
  }

  #oneAddress(address: Address, hits: Hit[]): void {
    const text = formatAddress(address);
    const prints = this.#prints;
    const words = this.#words;
    addressWords(address, words);
    prints.host(text, true);
    const a = prints.suffixA[0]!;
    const b = prints.suffixB[0]!;
    for (const source of this.#sources) {
      if (source.filter.has(a, b)) this.#hit(source, 'address', text, 129, hits);
      for (const prefix of address.family === 4 ? source.prefixes4 : source.prefixes6) {
        prints.network(words, address.family, prefix);
        if (!source.filter.has(prints.a, prints.b)) continue;
        const bits = address.family === 4 ? prefix + 96 : prefix;
        this.#hit(source, 'network', networkText(address, prefix), bits, hits);
      }
    }
  }

  #hit(
    source: Source,
    kind: Exclude<Match['kind'], 'hash'>,
    entry: string,
    specificity: number,
    hits: Hit[],
  ): void {
    const found = source.find(keyText(kind, entry));
    if (found === undefined) return;
    hits.push({
      match: {
        feed: source.feed,
        entry,
        kind,
        action: found.action,
        category: found.category,
        severity: found.severity,
        addedAt: new Date(found.addedAtS * 1000).toISOString(),
        ageS: Math.max(0, Math.floor(this.#clock.now() / 1000) - found.addedAtS),
        licence: source.licence,
      },
      rank: source.feed === LOCAL_FEED ? (found.action === 'allow' ? 0 : 1) : 2,
      specificity,
      priority: source.priority,
    });
  }
}

/**
 * Local allow, local block, then feeds. Among feeds (and inside a local list) the longer match comes
 * first, whatever it says; of equally long ones a block comes before a known-good.
 */
function sorted(hits: Hit[]): readonly Match[] {
  if (hits.length === 0) return NONE;
  if (hits.length > 1) {
    hits.sort(
      (x, y) =>
        x.rank - y.rank ||
        y.specificity - x.specificity ||
        Number(x.match.action === 'allow') - Number(y.match.action === 'allow') ||
        x.priority - y.priority ||
        (x.match.feed < y.match.feed ? -1 : 1),
    );
  }
  return hits.map((hit) => hit.match);
}
