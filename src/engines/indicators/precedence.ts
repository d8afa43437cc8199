import type { Match } from '../../kernel/index.ts';
import { type IndicatorKind, SEVERITIES } from './keys.ts';
import { LOCAL_FEED } from './manifest.ts';

/** What is compared when several entries match. */
export interface Standing {
  readonly feed: string;
  readonly action: Match['action'];
  readonly severity: Match['severity'];
  readonly isLocal: boolean;
  /** See `specificityOf`. */
  readonly specificity: number;
  readonly priority: number;
}

/**
 * Local allow, local block, then feeds. Among feeds (and inside a local list) the longer match comes
 * first, whatever it says; of equally long ones a block comes before a known-good, then the graver one, then
 * the smaller priority, then the name. Labels decide nothing and come last.
 */
export function compareStandings(x: Standing, y: Standing): number {
  return (
    rankOf(x) - rankOf(y) ||
    y.specificity - x.specificity ||
    Number(x.action === 'allow') - Number(y.action === 'allow') ||
    SEVERITIES.indexOf(y.severity) - SEVERITIES.indexOf(x.severity) ||
    x.priority - y.priority ||
    (x.feed < y.feed ? -1 : x.feed > y.feed ? 1 : 0)
  );
}

/** Matches of URLs from elsewhere among those of lists, which are in order already. */
export function withMatches(listed: readonly Match[], found: readonly Match[]): readonly Match[] {
  if (found.length === 0) return listed;
  if (listed.length === 0 && found.length === 1) return found;
  return [...listed, ...found].toSorted((x, y) => compareStandings(standingOf(x), standingOf(y)));
}

/** Sorting is stable: matches that differ in priority alone keep the order that they came in. */
function standingOf({ feed, action, severity, kind, entry }: Match): Standing {
  const isLocal = feed === LOCAL_FEED;
  return { feed: '', action, severity, isLocal, specificity: specificityOf(kind, entry), priority: 0 };
}

/** A URL is longer than a host, a host longer than an address or network; a mail address longer than its host. */
export function specificityOf(kind: IndicatorKind, value: string, networkBits = 0): number {
  switch (kind) {
    case 'network':
      return networkBits;
    case 'address':
      return 129;
    case 'domain':
      return 1000 + 2 * value.length;
    case 'host':
      return 1001 + 2 * value.length;
    case 'url':
      return 10_000 + value.length;
    case 'email':
    case 'hash':
      return 1_000_000;
  }
}

function rankOf({ isLocal, action }: Standing): number {
  if (action === 'label') return 3;
  if (!isLocal) return 2;
  return action === 'allow' ? 0 : 1;
}
