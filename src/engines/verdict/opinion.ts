import type { Clock, Match, Prediction, Verdict } from '../../kernel/index.ts';
import { type CanonicalUrl, canonicalUrlOf } from '../../protocols/url/index.ts';
import type { PredictionMode } from '../config/index.ts';
import type { SitePredictor, SiteScore } from '../prediction/index.ts';
import { UNKNOWN_SCORE, verdictOf } from './verdict.ts';

/** What models say of sites that no list knows, and what that is worth here. */
export interface SiteOpinion {
  readonly mode: Exclude<PredictionMode, 'off'>;
  /**
   * The verdict with the opinion beside it, or made from it where it decides. A verdict that a list has made stays as it
   * is: a list knows, a model guesses.
   */
  ofUrl(url: CanonicalUrl, verdict: Verdict): Verdict;
  /** The same for a host: the root of the site on it. */
  ofHost(host: string, verdict: Verdict): Verdict;
}

/** Name of the feed that a model's opinion comes under when it decides. */
export const PREDICTION_FEED = 'prediction';

export function createOpinion(options: {
  readonly mode: SiteOpinion['mode'];
  readonly sites: SitePredictor;
  readonly clock: Pick<Clock, 'now'>;
}): SiteOpinion {
  const { mode, sites, clock } = options;
  const ofUrl = (url: CanonicalUrl, verdict: Verdict): Verdict => {
    const isKnown = verdict.verdict !== 'unknown' || verdict.score !== UNKNOWN_SCORE;
    if (isKnown || verdict.prediction !== undefined) return verdict;
    const score = sites.scoreUrl(url);
    if (score === undefined) return verdict;
    const prediction = told(score, mode);
    if (mode === 'monitor' || score.verdict === 'clean') return { ...verdict, prediction };
    return { ...verdictOf([matchOf(url, score, clock.now()), ...verdict.matches]), prediction };
  };
  return {
    mode,
    ofUrl,
    ofHost(host, verdict) {
      const url = canonicalUrlOf('https', host, 0, '/');
      return url === undefined ? verdict : ofUrl(url, verdict);
    },
  };
}

function told({ verdict, score, reasons }: SiteScore, mode: SiteOpinion['mode']): Prediction {
  return { mode, verdict, score, reasons: reasons.map(({ text }) => text) };
}

/** A suspicion weighs as little as the weakest entry of a list, the other as much as a usual one. */
function matchOf(url: CanonicalUrl, { verdict, score }: SiteScore, now: number): Match {
  return {
    feed: PREDICTION_FEED,
    entry: url.key.slice(0, 1024),
    kind: 'url',
    action: 'block',
    category: 'predicted',
    severity: verdict === 'malicious' ? 'medium' : 'low',
    confidence: Math.round(score),
    tlp: 'clear',
    addedAt: new Date(now).toISOString(),
    ageS: 0,
    expiresAt: undefined,
    licence: '',
  };
}
