import type { Match, Verdict } from '../../kernel/index.ts';
import type { CanonicalUrl } from '../../protocols/url/index.ts';
import { type IndicatorReader, withMatches } from '../indicators/edge/index.ts';
import type { SiteOpinion } from './opinion.ts';
import { hashVerdictOf, verdictOf } from './scoring.ts';

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
