import { type Clock, type Match, type Prediction, Recent, type Verdict } from '../../kernel/index.ts';
import { type CanonicalUrl, canonicalUrlOf } from '../../protocols/url/index.ts';
import type { PredictionMode } from '../config/index.ts';
import type { SitePredictor, SiteScore } from '../prediction/index.ts';
import { UNKNOWN_SCORE, verdictOf } from './scoring.ts';

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
  /** Other models are in force: what the former ones said is forgotten. */
  forget(): void;
}

/** Name of the feed that a model's opinion comes under when it decides. */
export const PREDICTION_FEED = 'prediction';

export function createOpinion(options: {
  readonly mode: SiteOpinion['mode'];
  readonly sites: SitePredictor;
  readonly clock: Pick<Clock, 'now'>;
  /** URLs whose score is remembered; 0: none. */
  readonly cacheEntries: number;
}): SiteOpinion {
  const { mode, sites, clock } = options;
  const scores = new ScoreCache(options.cacheEntries, (url) => sites.scoreUrl(url));
  const ofUrl = (url: CanonicalUrl, verdict: Verdict): Verdict => {
    const isKnown = verdict.verdict !== 'unknown' || verdict.score !== UNKNOWN_SCORE;
    if (isKnown || verdict.prediction !== undefined) return verdict;
    const score = scores.of(url);
    if (score === undefined) return verdict;
    const prediction = told(score, mode);
    if (mode === 'monitor' || score.verdict === 'clean') return { ...verdict, prediction };
    return { ...verdictOf([matchOf(url, score, clock.now()), ...verdict.matches]), prediction };
  };
  return {
    mode,
    ofUrl,
    forget: () => scores.clear(),
    ofHost(host, verdict) {
      const url = canonicalUrlOf('https', host, 0, '/');
      return url === undefined ? verdict : ofUrl(url, verdict);
    },
  };
}

/** Scores of URLs that were asked about lately. */
class ScoreCache {
  readonly #kept: Recent<string, SiteScore>;
  readonly #score: (url: CanonicalUrl) => SiteScore | undefined;

  constructor(entries: number, score: (url: CanonicalUrl) => SiteScore | undefined) {
    this.#kept = new Recent(entries);
    this.#score = score;
  }

  of(url: CanonicalUrl): SiteScore | undefined {
    if (url.key.length > KEY_MAX) return this.#score(url);
    const key = `${url.port} ${url.key}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const score = this.#score(url);
    if (score !== undefined) this.#kept.set(key, score);
    return score;
  }

  clear(): void {
    this.#kept.clear();
  }
}

/** Longer URLs are asked about once. */
const KEY_MAX = 512;

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
