import { sigmoid } from './trees.ts';

/** Why a score is what it is. */
export interface SiteReason {
  /** Stable name of what was looked at. */
  readonly feature: string;
  readonly text: string;
  /** What it added to the log odds: above nought it speaks against the site. */
  readonly weight: number;
}

/** What a model says of a URL or a domain. */
export interface SiteScore {
  /** `probability` × 100, two decimals. */
  readonly score: number;
  /** That the site is bad, where half of all are. */
  readonly probability: number;
  readonly verdict: 'clean' | 'suspicious' | 'malicious';
  /** The strongest first. */
  readonly reasons: readonly SiteReason[];
}

/** How log odds of the trees become a probability and a verdict; part of the model. */
export interface Calibration {
  /** Platt scaling: `slope` × log odds + `offset`. */
  readonly slope: number;
  readonly offset: number;
  /** Log odds that 1 % and 0.1 % of good sites exceed. */
  readonly suspicious: number;
  readonly malicious: number;
}

export const REASONS_MAX = 5;
/** Weaker reasons are noise. */
const WEIGHT_MIN = 0.05;

export function siteScore(
  logOdds: number,
  calibration: Calibration,
  reasons: readonly SiteReason[],
): SiteScore {
  const probability = sigmoid(calibration.slope * logOdds + calibration.offset);
  return {
    score: Math.round(probability * 10_000) / 100,
    probability,
    verdict: verdictAt(logOdds, calibration),
    reasons,
  };
}

export function verdictAt(logOdds: number, calibration: Calibration): SiteScore['verdict'] {
  if (logOdds > calibration.malicious) return 'malicious';
  return logOdds > calibration.suspicious ? 'suspicious' : 'clean';
}

/** The strongest reasons on the side of the verdict. */
export function strongest(
  reasons: readonly SiteReason[],
  verdict: SiteScore['verdict'],
): readonly SiteReason[] {
  const sign = verdict === 'clean' ? -1 : 1;
  return reasons
    .filter(({ weight }) => weight * sign >= WEIGHT_MIN)
    .toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
    .slice(0, REASONS_MAX)
    .map((reason) => ({ ...reason, weight: Math.round(reason.weight * 100) / 100 }));
}

/** Undefined unless the four numbers are there. */
export function readCalibration(data: unknown): Calibration | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  // The fields are looked at one by one.
  const { slope, offset, suspicious, malicious } = data as Record<string, unknown>;
  if (!isFiniteNumber(slope) || !isFiniteNumber(offset)) return undefined;
  if (!isFiniteNumber(suspicious) || !isFiniteNumber(malicious)) return undefined;
  return { slope, offset, suspicious, malicious };
}

export function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
