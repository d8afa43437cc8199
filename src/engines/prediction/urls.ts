import { type CanonicalUrl, canonicalUrl, hostParts } from '../../protocols/url/index.ts';
import { isAtHome } from './home.ts';
import { readUrlKnowledge } from './knowledge.ts';
import { readLinear } from './linear.ts';
import {
  type Calibration,
  readCalibration,
  type SiteReason,
  type SiteScore,
  siteScore,
  strongest,
  verdictAt,
} from './site-score.ts';
import { quickTrees } from './quick-trees.ts';
import { readTrees, type TreeModel, type TreesData } from './trees.ts';
import { URL_FEATURES, UrlFeatures } from './url-features.ts';
import { urlReasons } from './url-reasons.ts';

/** A model of URLs, ready to be asked. Keeps working space: one question at a time. */
export interface UrlModel {
  readonly version: string;
  readonly calibration: Calibration;
  /** Log odds that the URL is bad; the same whatever its scheme. */
  logOdds(url: CanonicalUrl): number;
  /** With reasons on the side of the verdict. */
  score(url: CanonicalUrl): SiteScore;
  /** Without reasons where it is clean: they cost as much as the score. */
  quick(url: CanonicalUrl): SiteScore;
  /** Whether the lists of popular sites that the model carries have its domain. */
  isPopular(url: CanonicalUrl): boolean;
}

/** From the body of a model file; `undefined` when that is not whole. */
export function readUrlModel(body: unknown, version: string): UrlModel | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  // The fields are looked at one by one.
  const fields = body as Record<string, unknown>;
  const knowledge = readUrlKnowledge(fields['knowledge']);
  const linear = readLinear(fields['linear']);
  const trees = readTrees(fields['trees']);
  const calibration = readCalibration(fields['calibration']);
  if (knowledge === undefined || linear === undefined || calibration === undefined) return undefined;
  if (trees === undefined || !hasColumns(trees)) return undefined;
  // `readTrees` has looked at every field.
  const quick = quickTrees(fields['trees'] as TreesData);
  const features = new UrlFeatures(knowledge);
  const logOdds = (url: CanonicalUrl): number => {
    const parts = hostParts(url.host);
    const row = features.fill(parts, url.port, url.path, url.query);
    linear.fill(row, parts, url.port, url.path, url.query);
    return quick === undefined ? trees.logOdds(row) : quick.logOdds(row);
  };
  const explained = (url: CanonicalUrl, odds: number): SiteScore => {
    // The row is still that of this URL.
    const reasons = urlReasons(url, features, trees.contributions(features.row));
    return siteScore(odds, calibration, strongest(reasons, verdictAt(odds, calibration)));
  };
  return {
    version,
    calibration,
    logOdds,
    score: (url) => explained(url, logOdds(url)),
    quick(url) {
      const odds = logOdds(url);
      return odds > calibration.suspicious ? explained(url, odds) : siteScore(odds, calibration, []);
    },
    isPopular(url) {
      const { domain } = hostParts(url.host);
      return knowledge.popular.has(domain) || knowledge.established.has(domain);
    },
  };
}

/** `undefined` when the text is no URL. Of a host at home it says no more than that it does not know. */
export function scoreUrl(model: UrlModel, text: string): SiteScore | undefined {
  const url = canonicalUrl(text);
  if (url === undefined) return undefined;
  return isAtHome(url.host)
    ? siteScore(unknownOdds(model.calibration), model.calibration, [AT_HOME])
    : model.score(url);
}

/** Where good and bad are as likely. */
function unknownOdds({ slope, offset, suspicious }: Calibration): number {
  return Math.min(-offset / slope, suspicious);
}

const AT_HOME: SiteReason = {
  feature: 'home',
  text: 'the host belongs to a network of one’s own; the model has learned sites of the Internet alone',
  weight: 0,
};

function hasColumns({ features }: TreeModel): boolean {
  return features.length === URL_FEATURES.length && features.every((name, at) => name === URL_FEATURES[at]);
}
