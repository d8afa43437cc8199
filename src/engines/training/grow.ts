import type { BinnedTable } from './bins.ts';
import type { BoostOptions } from './boost-options.ts';

/** A node of one tree; `left` and `right` are places in the list of its nodes, feature -1 is a leaf. */
export interface GrownNode {
  readonly feature: number;
  readonly cut: number;
  readonly missingLeft: boolean;
  readonly left: number;
  readonly right: number;
  readonly value: number;
}

export interface TreeTask {
  readonly binned: BinnedTable;
  readonly slopes: Float64Array;
  readonly hessians: Float64Array;
  /** Reordered while the tree grows. */
  readonly rows: Uint32Array;
  readonly features: Uint32Array;
  /** For each feature 1, -1 or 0: how the score may move. */
  readonly signs: readonly number[];
  readonly options: BoostOptions;
}

interface Split {
  readonly gain: number;
  readonly feature: number;
  readonly cut: number;
  readonly missingLeft: boolean;
  readonly slopeLeft: number;
  readonly hessianLeft: number;
}

interface Leaf {
  readonly node: number;
  readonly start: number;
  readonly end: number;
  readonly slope: number;
  readonly hessian: number;
  /** What a monotone split above allows. */
  readonly low: number;
  readonly high: number;
  readonly sums: Float64Array;
  readonly best: Split | undefined;
}

type LeafRange = Omit<Leaf, 'best' | 'sums'>;

/** One tree: the leaf with the best gain is split until there are `leavesMax`. */
export function growTree(task: TreeTask): readonly GrownNode[] {
  const { options } = task;
  const nodes: GrownNode[] = [];
  let slope = 0;
  let hessian = 0;
  for (const row of task.rows) {
    slope += task.slopes[row]!;
    hessian += task.hessians[row]!;
  }
  const range = { node: 0, start: 0, end: task.rows.length, slope, hessian, low: -Infinity, high: Infinity };
  nodes.push(leafNode(range, options));
  const leaves = [withBest(task, range, sumsOf(task, range))];
  while (leaves.length < options.leavesMax) {
    const at = bestLeaf(leaves);
    const leaf = leaves[at];
    if (leaf?.best === undefined) break;
    const [left, right] = splitLeaf(task, leaf, leaf.best, nodes);
    leaves.splice(at, 1, left, right);
  }
  return nodes;
}

function bestLeaf(leaves: readonly Leaf[]): number {
  let at = 0;
  for (const [index, { best }] of leaves.entries()) {
    if ((best?.gain ?? 0) > (leaves[at]!.best?.gain ?? 0)) at = index;
  }
  return at;
}

function output(slope: number, hessian: number, l2: number, low: number, high: number): number {
  return Math.min(Math.max(-slope / (hessian + l2), low), high);
}

function leafNode({ slope, hessian, low, high }: LeafRange, { l2, rate }: BoostOptions): GrownNode {
  // Single precision is what the file holds; the next tree is fitted to the same numbers.
  const value = Math.fround(output(slope, hessian, l2, low, high) * rate);
  return { feature: -1, cut: 0, missingLeft: false, left: 0, right: 0, value };
}

function splitLeaf(task: TreeTask, leaf: Leaf, split: Split, nodes: GrownNode[]): readonly [Leaf, Leaf] {
  const middle = partition(task, leaf, split);
  const { l2 } = task.options;
  const slopeRight = leaf.slope - split.slopeLeft;
  const hessianRight = leaf.hessian - split.hessianLeft;
  const sign = task.signs[split.feature]!;
  const valueLeft = output(split.slopeLeft, split.hessianLeft, l2, leaf.low, leaf.high);
  const valueRight = output(slopeRight, hessianRight, l2, leaf.low, leaf.high);
  const border = (valueLeft + valueRight) / 2;
  const left: LeafRange = {
    node: nodes.length,
    start: leaf.start,
    end: middle,
    slope: split.slopeLeft,
    hessian: split.hessianLeft,
    low: sign < 0 ? Math.max(leaf.low, border) : leaf.low,
    high: sign > 0 ? Math.min(leaf.high, border) : leaf.high,
  };
  const right: LeafRange = {
    node: nodes.length + 1,
    start: middle,
    end: leaf.end,
    slope: slopeRight,
    hessian: hessianRight,
    low: sign > 0 ? Math.max(leaf.low, border) : leaf.low,
    high: sign < 0 ? Math.min(leaf.high, border) : leaf.high,
  };
  const { feature, cut, missingLeft } = split;
  nodes[leaf.node] = {
    ...nodes[leaf.node]!,
    feature,
    cut,
    missingLeft,
    left: left.node,
    right: right.node,
  };
  nodes.push(leafNode(left, task.options), leafNode(right, task.options));
  // Only the smaller side is counted; the other is what is left.
  const leftIsSmaller = middle - leaf.start <= leaf.end - middle;
  const counted = sumsOf(task, leftIsSmaller ? left : right);
  const rest = leaf.sums;
  for (let at = 0; at < rest.length; at++) rest[at]! -= counted[at]!;
  return [
    withBest(task, left, leftIsSmaller ? counted : rest),
    withBest(task, right, leftIsSmaller ? rest : counted),
  ];
}

function partition({ binned, rows }: TreeTask, { start, end }: LeafRange, split: Split): number {
  const bins = binned.bins[split.feature]!;
  const right: number[] = [];
  let write = start;
  for (let at = start; at < end; at++) {
    const row = rows[at]!;
    const bin = bins[row]!;
    if (bin === 0 ? split.missingLeft : bin <= split.cut + 1) rows[write++] = row;
    else right.push(row);
  }
  rows.set(right, write);
  return write;
}

/** Slots of one histogram: slope, hessian for each of the 256 bins of each chosen feature. */
const FEATURE_SLOTS = 512;

function sumsOf({ binned, rows, features, slopes, hessians }: TreeTask, range: LeafRange): Float64Array {
  const sums = new Float64Array(features.length * FEATURE_SLOTS);
  for (const [place, feature] of features.entries()) {
    const bins = binned.bins[feature]!;
    const base = place * FEATURE_SLOTS;
    for (let at = range.start; at < range.end; at++) {
      const row = rows[at]!;
      const slot = base + bins[row]! * 2;
      sums[slot]! += slopes[row]!;
      sums[slot + 1]! += hessians[row]!;
    }
  }
  return sums;
}

function withBest(task: TreeTask, range: LeafRange, sums: Float64Array): Leaf {
  let best: Split | undefined;
  if (range.hessian >= 2 * task.options.leafHessianMin) {
    for (const place of task.features.keys()) {
      const split = bestSplit(task, range, sums, place);
      if (split !== undefined && split.gain > (best?.gain ?? task.options.gainMin)) best = split;
    }
  }
  return { ...range, sums, best };
}

function bestSplit(task: TreeTask, range: LeafRange, sums: Float64Array, place: number): Split | undefined {
  const { l2, leafHessianMin } = task.options;
  const feature = task.features[place]!;
  const sign = task.signs[feature]!;
  const base = place * FEATURE_SLOTS;
  const cuts = task.binned.cuts[feature]!.length;
  const missingSlope = sums[base]!;
  const missingHessian = sums[base + 1]!;
  const whole = score(range.slope, range.hessian, range, l2);
  let best: Split | undefined;
  for (const missingLeft of missingHessian > 1e-9 ? [true, false] : [false]) {
    let slopeLeft = missingLeft ? missingSlope : 0;
    let hessianLeft = missingLeft ? missingHessian : 0;
    for (let cut = 0; cut < cuts; cut++) {
      const slot = base + (cut + 1) * 2;
      slopeLeft += sums[slot]!;
      hessianLeft += sums[slot + 1]!;
      const hessianRight = range.hessian - hessianLeft;
      if (hessianLeft < leafHessianMin) continue;
      if (hessianRight < leafHessianMin) break;
      const slopeRight = range.slope - slopeLeft;
      if (sign !== 0) {
        const step =
          output(slopeRight, hessianRight, l2, range.low, range.high) -
          output(slopeLeft, hessianLeft, l2, range.low, range.high);
        if (step * sign < 0) continue;
      }
      const gain =
        score(slopeLeft, hessianLeft, range, l2) + score(slopeRight, hessianRight, range, l2) - whole;
      if (gain <= (best?.gain ?? 0)) continue;
      // Where no value was missing, one that is missing later goes with the many.
      const goesLeft = missingHessian > 1e-9 ? missingLeft : hessianLeft > hessianRight;
      best = { gain, feature, cut, missingLeft: goesLeft, slopeLeft, hessianLeft };
    }
  }
  return best;
}

/** Twice the loss that a leaf with these sums takes away, within its bounds. */
function score(slope: number, hessian: number, { low, high }: LeafRange, l2: number): number {
  const value = output(slope, hessian, l2, low, high);
  return -(2 * slope * value + (hessian + l2) * value * value);
}
