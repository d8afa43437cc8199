/** How trees are boosted. */
export interface BoostOptions {
  readonly rounds: number;
  readonly rate: number;
  readonly leavesMax: number;
  /** Least sum of hessians in a leaf: with logistic loss at most a quarter of its weight. */
  readonly leafHessianMin: number;
  readonly l2: number;
  readonly gainMin: number;
  readonly binsMax: number;
  /** Part of the features that each tree sees. */
  readonly featureShare: number;
  /** Part of the rows that each tree sees. */
  readonly rowShare: number;
  readonly seed: number;
  /** By name: 1 when the score must not fall as the value grows, -1 the other way. */
  readonly monotone?: Readonly<Record<string, 1 | -1>>;
}

export const BOOST_DEFAULTS: BoostOptions = {
  rounds: 300,
  rate: 0.06,
  leavesMax: 24,
  leafHessianMin: 4,
  l2: 4,
  gainMin: 0.01,
  binsMax: 128,
  featureShare: 0.5,
  rowShare: 0.7,
  seed: 1,
};
