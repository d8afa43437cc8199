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
import { expressionOf, hashTable, type IndicatorKind, Key, networkText } from './keys.ts';
import { compareStandings, specificityOf, type Standing } from './precedence.ts';
import type { Found } from './segment.io.ts';

/** One feed, or the local lists, as look-ups see it. */
export interface Source {
  readonly feed: string;
  readonly licence: string;
  readonly priority: number;
  readonly isLocal: boolean;
  readonly prefixes4: readonly number[];
  readonly prefixes6: readonly number[];
  /** Whether the fingerprint may be known. Allocates nothing. */
  has(a: number, b: number): boolean;
  /** What is known of a key, one for each kind; `a` and `b` are its fingerprint. */
  find(key: Key, a: number, b: number): readonly Found[];
}

const NONE: readonly Match[] = Object.freeze([]);

interface Hit extends Standing {
  readonly source: Source;
  readonly found: Found;
  readonly entry: string;
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
  readonly #key = new Key();
  /** Addresses that no source knows. The sources of a look-up never change, so this stays true. */
  readonly #unlisted = new Set<string>();
  readonly #words = new Uint32Array(4);

  constructor(sources: readonly Source[], clock: Clock) {
    this.#sources = sources;
    this.#clock = clock;
  }

  url(url: CanonicalUrl): readonly Match[] {
    return this.#sorted(this.#hostAndPath(url.host, url.path, url.query));
  }

  /** Also URL entries for the whole host (`evil.example/`): who asks for a host means all of it. */
  host(host: string): readonly Match[] {
    return this.#sorted(this.#hostAndPath(host, '/', ''));
  }

  address(text: string): readonly Match[] {
    const address = parseAddress(text);
    if (address === undefined) return NONE;
    const hits: Hit[] = [];
    this.#addressHits(address, hits);
    return this.#sorted(hits);
  }

  hash(hex: string): readonly Match[] {
    const table = hashTable(hex.length);
    if (table === undefined || !/^[0-9a-f]+$/.test(hex)) return NONE;
    const prints = this.#prints;
    prints.hash(hex);
    const { a, b } = prints;
    let hits: Hit[] | undefined;
    for (const source of this.#sources) {
      if (!source.has(a, b)) continue;
      hits ??= [];
      for (const found of source.find(this.#key.setText(hex, table), a, b))
        this.#hit(source, found, hex, specificityOf('hash', hex), hits);
    }
    return this.#sorted(hits);
  }

  email(address: string): readonly Match[] {
    const prints = this.#prints;
    prints.text(address);
    const { a, b } = prints;
    let hits: Hit[] | undefined;
    for (const source of this.#sources) {
      if (!source.has(a, b)) continue;
      hits ??= [];
      for (const found of source.find(this.#key.set('email', address), a, b))
        this.#hit(source, found, address, specificityOf('email', address), hits);
    }
    const host = address.slice(address.lastIndexOf('@') + 1);
    const ofHost = host === '' ? undefined : this.#hostAndPath(host, '/', '');
    if (hits !== undefined && ofHost !== undefined) hits.push(...ofHost);
    return this.#sorted(hits ?? ofHost);
  }

  #hostAndPath(host: string, path: string, query: string): Hit[] | undefined {
    const isAddress = isAddressHost(host);
    const prints = this.#prints;
    prints.host(host, isAddress);
    let hasPath = false;
    let hits: Hit[] | undefined;
    for (const source of this.#sources) {
      for (let suffix = prints.suffixes - 1; suffix >= 0; suffix--) {
        if (!source.has(prints.suffixA[suffix]!, prints.suffixB[suffix]!)) continue;
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
    return hits;
  }

  #rememberUnlisted(host: string): void {
    if (this.#unlisted.size >= UNLISTED_MAX) this.#unlisted.clear();
    this.#unlisted.add(host);
  }

  /** The filter says that the source may know something at or below this suffix of the host. */
  #suffixHits(source: Source, host: string, suffix: number, target: string, hits: Hit[]): void {
    const prints = this.#prints;
    const key = this.#key;
    const start = prints.suffixStarts[suffix]!;
    const name = start === 0 ? host : host.slice(start);
    // The domain, the host and the URL of its root share one key.
    key.setText(`${name}/`, 'keys');
    for (const found of source.find(key, prints.suffixA[suffix]!, prints.suffixB[suffix]!)) {
      const { kind } = found;
      if (kind === 'url') this.#hit(source, found, key.text, specificityOf(kind, key.text), hits);
      else if (kind === 'domain' || (kind === 'host' && start === 0))
        this.#hit(source, found, name, specificityOf(kind, name), hits);
    }
    for (let prefix = prints.prefixes - 1; prefix >= 0; prefix--) {
      const length = prints.prefixLengths[prefix]!;
      if (length === 1) continue;
      prints.url(suffix, prefix);
      if (!source.has(prints.a, prints.b)) continue;
      const value = name + target.slice(0, length);
      for (const found of source.find(key.setText(value, 'keys'), prints.a, prints.b)) {
        if (found.kind === 'url') this.#hit(source, found, value, specificityOf('url', value), hits);
      }
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
      if (source.has(a, b)) {
        this.#key.setText(expressionOf('address', text), 'keys');
        this.#ofKind('address', source, { a, b, entry: text, bits: 0 }, hits);
      }
      for (const prefix of address.family === 4 ? source.prefixes4 : source.prefixes6) {
        prints.network(words, address.family, prefix);
        if (!source.has(prints.a, prints.b)) continue;
        const bits = address.family === 4 ? prefix + 96 : prefix;
        const entry = networkText(address, prefix);
        this.#key.set('network', entry);
        this.#ofKind('network', source, { a: prints.a, b: prints.b, entry, bits }, hits);
      }
    }
  }

  /** The hit of one kind behind the key that is set. */
  #ofKind(
    kind: IndicatorKind,
    source: Source,
    { a, b, entry, bits }: { a: number; b: number; entry: string; bits: number },
    hits: Hit[],
  ): void {
    for (const found of source.find(this.#key, a, b)) {
      if (found.kind === kind) this.#hit(source, found, entry, specificityOf(kind, entry, bits), hits);
    }
  }

  #hit(source: Source, found: Found, entry: string, specificity: number, hits: Hit[]): void {
    const { expiresAtS, set } = found;
    if (expiresAtS !== undefined && expiresAtS * 1000 <= this.#clock.now()) return;
    hits.push({
      source,
      found,
      entry,
      specificity,
      feed: source.feed,
      isLocal: source.isLocal,
      priority: source.priority,
      action: set.action,
      severity: set.severity,
    });
  }

  #sorted(hits: Hit[] | undefined): readonly Match[] {
    if (hits === undefined || hits.length === 0) return NONE;
    if (hits.length > 1) hits.sort(compareStandings);
    return hits.map((hit) => this.#match(hit));
  }

  #match({ source, found, entry }: Hit): Match {
    const { kind, set, addedAtS, expiresAtS } = found;
    return {
      feed: source.feed,
      entry,
      kind,
      action: set.action,
      category: set.category,
      severity: set.severity,
      addedAt: isoOf(addedAtS),
      confidence: set.confidence,
      tlp: set.tlp,
      ageS: Math.max(0, Math.floor(this.#clock.now() / 1000) - addedAtS),
      expiresAt: expiresAtS === undefined ? undefined : isoOf(expiresAtS),
      licence: source.licence,
    };
  }
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
