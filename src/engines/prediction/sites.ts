import { NetworkSet, parseAddress } from '../../kernel/index.ts';
import { type CanonicalUrl, hostParts } from '../../protocols/url/index.ts';
import type { DomainModel } from './domains.ts';
import { type SiteScore, verdictAt } from './site-score.ts';
import type { UrlModel } from './urls.ts';

/** What the models say of sites that no list knows. Synchronous; about 15 µs a URL. */
export interface SitePredictor {
  /** Of the URL, and of its domain where a program seems to have made that up. Reasons only unless it is clean. */
  scoreUrl(url: CanonicalUrl): SiteScore | undefined;
  /** Whether a program seems to have made the domain up. */
  scoreName(host: string): SiteScore | undefined;
  isPopular(url: CanonicalUrl): boolean;
}

/** A model that is missing is not asked. */
export function createSitePredictor(models: {
  readonly urls: UrlModel | undefined;
  readonly domains: DomainModel | undefined;
}): SitePredictor {
  const scoreUrl = (url: CanonicalUrl): SiteScore | undefined => {
    if (isAtHome(url.host)) return undefined;
    // Asked each time: another model may have been made active.
    const { urls, domains } = models;
    const own = urls === undefined ? undefined : urls.quick(url);
    if (domains === undefined || (own !== undefined && own.verdict !== 'clean')) return own;
    const parts = hostParts(url.host);
    if (parts.isAddress || verdictAt(domains.logOdds(parts), domains.calibration) !== 'malicious') return own;
    // A name made up by a program is reason to doubt, not to accuse: half of such names are merely odd.
    const name = domains.score(parts);
    return { ...name, verdict: 'suspicious' };
  };
  return {
    scoreUrl,
    scoreName: (host) => (isAtHome(host) ? undefined : models.domains?.score(hostParts(host))),
    isPopular: (url) => models.urls?.isPopular(url) ?? false,
  };
}

/** Addresses of one's own networks: RFC 1918, RFC 4193, RFC 6598, loopback and link-local. */
const HOME_NETWORKS = new NetworkSet([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
]);
/** Names that are resolved at home: RFC 6761, RFC 6762, RFC 8375, and what ICANN keeps free for it. */
const HOME_SUFFIX =
  /(?:^|\.)(?:localhost|local|internal|intranet|private|corp|home|lan|home\.arpa|test|invalid)$/;

/** What is at home is on no list and in no report: the models know nothing about it. */
function isAtHome(host: string): boolean {
  const address = parseAddress(host.replace(/^\[|\]$/g, ''));
  if (address !== undefined) return HOME_NETWORKS.has(address);
  return !host.includes('.') || HOME_SUFFIX.test(host);
}
