import { bloomOf } from '../../../src/engines/prediction/bloom.ts';
import { hashText } from '../../../src/engines/prediction/hashing.ts';
import { type Language, learnLanguage } from '../../../src/engines/prediction/language.ts';
import { WORD_LENGTH_MAX, WORD_LENGTH_MIN, Words } from '../../../src/engines/prediction/words.ts';
import { type HostParts, hostParts } from '../../../src/protocols/url/index.ts';
import { type LabelledUrl, table } from './data.ts';

/** Lists of popular domains, sorted by how old they are. */
export interface TopSites {
  /** Hosts and domains of lists of today (Tranco, Umbrella). */
  readonly popular: ReadonlySet<string>;
  /** Domains that only lists of 2013 and 2014 have (Alexa, OpenDNS). */
  readonly established: ReadonlySet<string>;
  /** One for each domain, sorted. */
  readonly domains: readonly HostParts[];
}

export function topSites(folder: string): TopSites {
  const popular = new Set<string>();
  const established = new Set<string>();
  const domains = new Map<string, HostParts>();
  for (const { domain: host, lists } of table(folder, '03-domains/top_domains.csv.gz')) {
    const parts = hostParts(host!);
    if (parts.name === '') continue;
    domains.set(parts.domain, hostParts(parts.domain));
    if (/tranco|umbrella/.test(lists!)) popular.add(host!).add(parts.domain);
    else established.add(parts.domain);
  }
  for (const name of popular) established.delete(name);
  const sorted = [...domains.values()].toSorted((a, b) => (a.domain < b.domain ? -1 : 1));
  return { popular, established, domains: sorted };
}

/** The part of a hundred that a domain falls into, whatever else is in the data. */
export function share(domain: string): number {
  return hashText(`split:${domain}`) % 100;
}

export function learnNames(domains: readonly HostParts[]): Language {
  return learnLanguage(domains.map(({ name }) => name));
}

/** Sites that a word must stand on; short words turn up by chance. */
const SITES_MIN: Readonly<Record<number, number>> = { 3: 8, 4: 4 };
const SITES_MIN_LONG = 2;

/** Words that good sites write in their paths and between hyphens of their names. */
export function learnWords(urls: readonly LabelledUrl[], domains: readonly HostParts[]): Words {
  const sites = new Map<string, Set<string>>();
  const learn = (text: string, domain: string): void => {
    for (const word of text.toLowerCase().split(/[^a-z]+/)) {
      if (word.length < WORD_LENGTH_MIN || word.length > WORD_LENGTH_MAX) continue;
      const known = sites.get(word) ?? new Set<string>();
      if (known.size < 16) sites.set(word, known.add(domain));
    }
  };
  for (const { url, parts, isBad } of urls) if (!isBad) learn(url.path, parts.domain);
  for (const { name, domain } of domains) if (name.includes('-')) learn(name, domain);
  const words = [...sites].filter(([word, { size }]) => size >= (SITES_MIN[word.length] ?? SITES_MIN_LONG));
  return new Words(words.map(([word]) => word).toSorted());
}

export function bloomText(names: ReadonlySet<string>): string {
  return Buffer.from(bloomOf(new Set([...names].toSorted())).bytes).toString('base64');
}
