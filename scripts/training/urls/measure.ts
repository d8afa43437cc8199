/** Figures of a score over bad and good things; higher is worse. */
export interface Curve {
  readonly auc: number;
  /** Part of the bad ones found where so many of the good ones are accused. */
  readonly tprAt01: number;
  readonly tprAt1: number;
  readonly bad: number;
  readonly good: number;
}

export function curve(scores: ArrayLike<number>, isBad: ArrayLike<unknown>): Curve {
  const good: number[] = [];
  const bad: number[] = [];
  for (let at = 0; at < scores.length; at++) (isBad[at] ? bad : good).push(scores[at]!);
  good.sort((a, b) => b - a);
  bad.sort((a, b) => b - a);
  return {
    auc: auc(good, bad),
    tprAt01: share(bad, threshold(good, 0.001)),
    tprAt1: share(bad, threshold(good, 0.01)),
    bad: bad.length,
    good: good.length,
  };
}

/** The score above which at most `rate` of the good ones are; they come sorted, the highest first. */
export function threshold(good: readonly number[], rate: number): number {
  return good[Math.floor(good.length * rate)] ?? Infinity;
}

/** Part of the scores above the threshold. */
export function share(scores: readonly number[], above: number): number {
  let found = 0;
  for (const score of scores) if (score > above) found++;
  return scores.length === 0 ? 0 : found / scores.length;
}

/** Chance that a bad one scores above a good one, ties half; both sorted, the highest first. */
function auc(good: readonly number[], bad: readonly number[]): number {
  let below = good.length;
  let at = 0;
  let sum = 0;
  for (const score of bad) {
    while (at < good.length && good[at]! > score) at++;
    let ties = 0;
    while (at + ties < good.length && good[at + ties] === score) ties++;
    below = good.length - at - ties;
    sum += below + ties / 2;
  }
  return sum / (good.length * bad.length);
}
