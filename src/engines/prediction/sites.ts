import { type CanonicalUrl, hostParts } from '../../protocols/url/index.ts';
import type { DomainModel } from './domains.ts';
import { isAtHome } from './home.ts';
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
