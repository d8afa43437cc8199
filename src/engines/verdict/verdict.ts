import type { Match, Severity, Verdict } from '../../kernel/index.ts';
import type { CanonicalUrl } from '../../protocols/url/index.ts';
import { type IndicatorReader, withMatches } from '../indicators/index.ts';
import type { SiteOpinion } from './opinion.ts';

/**
 * Score and verdict of the entry that decides, by its severity. Weak indicators (adware, spam, dynamic
 * addresses) are worth a warning, not an accusation.
 */
export const BLOCK_SCORES: Readonly<Record<Severity, number>> = {
  low: 60,
  medium: 75,
  high: 90,
  critical: 100,
};
/** From here on a thing is malicious; below it is suspicious. */
export const MALICIOUS_FROM = 75;
/** The operator vouches for what is on the local allow list. */
export const LOCAL_ALLOW_SCORE = 0;
/** A feed of known-good things says that many know it, not that it cannot be misused. */
export const KNOWN_GOOD_SCORE = 10;
/** Known-good by the longest match, but bad by another: clean, with less certainty. */
export const CONTESTED_GOOD_SCORE = 30;
/**
 * Known-good by an MD5 or SHA-1 alone: two files can be made that share one (collisions of both are
 * practical: Stevens et al. 2017 for SHA-1), so it proves nothing and never saves a scan.
 */
export const WEAK_GOOD_SCORE = 40;
export const UNKNOWN_SCORE = 50;
/** A list that is less than half sure of its entry makes it suspicious, not malicious. */
export const SURE_FROM = 50;

const UNKNOWN: Verdict = Object.freeze({
  verdict: 'unknown',
  score: UNKNOWN_SCORE,
  matches: Object.freeze([]),
});

/** The verdict over matches that are sorted by precedence: the first one decides. Labels come last and decide nothing. */
export function verdictOf(matches: readonly Match[]): Verdict {
  const [first] = matches;
  if (first === undefined) return UNKNOWN;
  if (first.action === 'label') return { verdict: 'unknown', score: UNKNOWN_SCORE, matches };
  if (first.action === 'block') {
    const full = BLOCK_SCORES[first.severity];
    const score = first.confidence < SURE_FROM ? Math.min(full, BLOCK_SCORES.low) : full;
    return { verdict: score >= MALICIOUS_FROM ? 'malicious' : 'suspicious', score, matches };
  }
  if (first.feed === 'local') return { verdict: 'clean', score: LOCAL_ALLOW_SCORE, matches };
  const isContested = matches.some((match) => match.action === 'block');
  return { verdict: 'clean', score: isContested ? CONTESTED_GOOD_SCORE : KNOWN_GOOD_SCORE, matches };
}

/** What the gateway thinks of a thing. Synchronous: all it asks is in memory or in the page cache. */
export interface VerdictEngine {
  evaluateUrl(url: CanonicalUrl): Verdict;
  /**
   * Asks what only others can say of the URL, before it is evaluated: full hashes behind a prefix that fits. `undefined`,
   * nearly always: nothing to wait for. Never rejects, and takes no longer than the feed says.
   */
  prepare(url: CanonicalUrl): Promise<void> | undefined;
  /** Whether `prepare` may ever ask anybody. */
  readonly asksOthers: boolean;
  /** A canonical host. */
  evaluateHost(host: string): Verdict;
  evaluateAddress(address: string): Verdict;
  /** MD5, SHA-1 or SHA-256 in lower-case hexadecimal. */
  evaluateHash(hash: string): Verdict;
  /** A mail address in lower case: itself, then its host. */
  evaluateEmail(address: string): Verdict;
}

/** The verdict over matches of a file's hash. */
export function hashVerdictOf(hash: string, matches: readonly Match[]): Verdict {
  const verdict = verdictOf(matches);
  const isStrong = hash.length === SHA256_DIGITS;
  if (verdict.verdict !== 'clean' || isStrong || matches[0]?.feed === 'local') return verdict;
  return { verdict: 'unknown', score: WEAK_GOOD_SCORE, matches };
}

const SHA256_DIGITS = 64;

/** As `engines/look-aside` has it; what is needed of it here. */
export interface PrefixSource {
  /** There is nothing in it. */
  readonly isEmpty: boolean;
  /** `isDecided` says that nobody need be asked; it is only called where somebody would be. */
  prepare(url: CanonicalUrl, isDecided: () => boolean): Promise<void> | undefined;
  lookupUrl(url: CanonicalUrl): readonly Match[];
  lookupHost(host: string): readonly Match[];
}

/** The feed of the operator's own lists. */
const LOCAL = 'local';
const NO_MATCHES: readonly Match[] = Object.freeze([]);
const NO_PREFIXES: PrefixSource = {
  isEmpty: true,
  prepare: () => undefined,
  lookupUrl: () => NO_MATCHES,
  lookupHost: () => NO_MATCHES,
};

/** With an opinion, models decide about URLs and hosts that no list knows. */
export function createVerdictEngine(engines: {
  readonly reader: IndicatorReader;
  readonly opinion?: Pick<SiteOpinion, 'ofUrl' | 'ofHost'> | undefined;
  /** Lists of hash prefixes, whose full hashes others know. */
  readonly prefixLists?: PrefixSource | undefined;
}): VerdictEngine {
  const { reader, opinion, prefixLists = NO_PREFIXES } = engines;
  const urlVerdict = (url: CanonicalUrl): Verdict =>
    verdictOf(withMatches(reader.lookupUrl(url), prefixLists.lookupUrl(url)));
  const hostVerdict = (host: string): Verdict =>
    verdictOf(withMatches(reader.lookupHost(host), prefixLists.lookupHost(host)));
  return {
    // What the operator has listed is decided: nobody needs to be told that somebody went there.
    get asksOthers() {
      return !prefixLists.isEmpty;
    },
    prepare: (url) => prefixLists.prepare(url, () => reader.lookupUrl(url)[0]?.feed === LOCAL),
    evaluateUrl: opinion === undefined ? urlVerdict : (url) => opinion.ofUrl(url, urlVerdict(url)),
    evaluateHost: opinion === undefined ? hostVerdict : (host) => opinion.ofHost(host, hostVerdict(host)),
    evaluateAddress: (address) => verdictOf(reader.lookupAddress(address)),
    evaluateHash: (hash) => hashVerdictOf(hash, reader.lookupHash(hash)),
    evaluateEmail: (address) => verdictOf(reader.lookupEmail(address)),
  };
}
