/** Measures over scores of both labels. */
export interface Curve {
  readonly bad: number;
  readonly good: number;
  readonly auc: number;
  /** True positives at one false positive in a hundred, and in a thousand. */
  readonly at1: number;
  readonly at01: number;
  /** True positives at each of `CURVE_GRID`. */
  readonly curve: readonly number[];
}

/** False positives at which a curve is told. */
export const CURVE_GRID = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2] as const;

export function curveOf(bad: readonly number[], good: readonly number[]): Curve {
  return {
    bad: bad.length,
    good: good.length,
    auc: aucOf(bad, good),
    at1: shareAbove(bad, thresholdAt(good, 0.01)),
    at01: shareAbove(bad, thresholdAt(good, 0.001)),
    curve: CURVE_GRID.map((share) => shareAbove(bad, thresholdAt(good, share))),
  };
}

/** The chance that a bad one scores above a good one, ties counting half. */
export function aucOf(bad: readonly number[], good: readonly number[]): number {
  const all = [...bad.map((score) => ({ score, isBad: 1 })), ...good.map((score) => ({ score, isBad: 0 }))];
  all.sort((a, b) => a.score - b.score);
  let ranks = 0;
  for (let at = 0; at < all.length;) {
    let end = at;
    let bads = 0;
    while (end < all.length && all[end]!.score === all[at]!.score) bads += all[end++]!.isBad;
    ranks += bads * ((at + 1 + end) / 2);
    at = end;
  }
  return (ranks - (bad.length * (bad.length + 1)) / 2) / (bad.length * good.length);
}

/** The least score that at most this part of the good ones is above. */
export function thresholdAt(good: readonly number[], share: number): number {
  const sorted = good.toSorted((a, b) => b - a);
  return sorted[Math.floor(sorted.length * share)] ?? Infinity;
}

export function shareAbove(scores: readonly number[], threshold: number): number {
  return scores.filter((score) => score > threshold).length / Math.max(1, scores.length);
}
