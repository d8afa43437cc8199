/**
 * Gradient-boosted trees, evaluated: many small trees whose leaves are summed to log odds.
 *
 * Nodes are packed to twelve bytes each, little-endian, every tree in preorder: the left child follows its parent,
 * the right one is named, and always stands behind it, so that no file can make the walk turn in a circle.
 *
 *     0  u16  feature, or 0xffff for a leaf
 *     2  u16  cut within the feature; bit 15: a missing value goes left
 *     4  u32  right child; for a leaf: 1 when it is the last node of its tree
 *     8  f32  log odds of this node, scaled by the learning rate: of a leaf its answer, of the others the weighted mean below them
 */

export interface TreeModel {
  readonly features: readonly string[];
  readonly trees: number;
  /** A value for each of `features`, NaN for a missing one; the answer is a probability. */
  predict(features: Float64Array | Float32Array): number;
  /** The same in log odds. */
  logOdds(features: Float64Array | Float32Array): number;
  /** What each feature added to the log odds (Saabas: the change of the node's mean at each step). */
  contributions(features: Float64Array | Float32Array): Float64Array;
}

/** As it stands in a model file. */
export interface TreesData {
  readonly features: readonly string[];
  /** A value up to and with a cut goes left. */
  readonly cuts: readonly (readonly number[])[];
  readonly bias: number;
  readonly nodes: string;
}

export const NODE_BYTES = 12;
export const LEAF = 0xff_ff;
export const MISSING_LEFT = 0x80_00;
/** Bounds of what is accepted: a model beyond them is no model of ours. */
const NODES_MAX = 400_000;
const FEATURES_MAX = 4_096;

export interface PackedNode {
  readonly feature: number;
  readonly cut: number;
  readonly missingLeft: boolean;
  readonly right: number;
  readonly value: number;
}

/** Trees in preorder, `right` counted over all nodes; a leaf has feature -1. */
export function packNodes(trees: readonly (readonly PackedNode[])[]): string {
  const all = trees.flat();
  const bytes = Buffer.alloc(all.length * NODE_BYTES);
  const last = new Set<number>();
  let end = 0;
  for (const tree of trees) last.add((end += tree.length) - 1);
  for (const [at, node] of all.entries()) {
    const start = at * NODE_BYTES;
    const leaf = node.feature < 0;
    bytes.writeUInt16LE(leaf ? LEAF : node.feature, start);
    bytes.writeUInt16LE(leaf ? 0 : node.cut | (node.missingLeft ? MISSING_LEFT : 0), start + 2);
    bytes.writeUInt32LE(leaf ? Number(last.has(at)) : node.right, start + 4);
    bytes.writeFloatLE(node.value, start + 8);
  }
  return bytes.toString('base64');
}

/** Undefined when the data is not a whole, sound set of trees. */
export function readTrees(data: unknown): TreeModel | undefined {
  if (!isTreesData(data)) return undefined;
  const bytes = Buffer.from(data.nodes, 'base64');
  const count = bytes.length / NODE_BYTES;
  if (!Number.isInteger(count) || count === 0 || count > NODES_MAX) return undefined;
  const feature = new Int16Array(count);
  const cut = new Float64Array(count);
  const missingLeft = new Uint8Array(count);
  const right = new Uint32Array(count);
  const value = new Float64Array(count);
  const roots: number[] = [0];
  for (let at = 0; at < count; at++) {
    const start = at * NODE_BYTES;
    value[at] = bytes.readFloatLE(start + 8);
    if (!Number.isFinite(value[at])) return undefined;
    const named = bytes.readUInt16LE(start);
    const link = bytes.readUInt32LE(start + 4);
    if (named === LEAF) {
      feature[at] = -1;
      if (link === 1 && at + 1 < count) roots.push(at + 1);
      else if (link !== (at + 1 === count ? 1 : 0)) return undefined;
      continue;
    }
    const packed = bytes.readUInt16LE(start + 2);
    const threshold = data.cuts[named]?.[packed & ~MISSING_LEFT];
    if (threshold === undefined || link <= at || link >= count) return undefined;
    feature[at] = named;
    cut[at] = threshold;
    missingLeft[at] = packed >> 15;
    right[at] = link;
  }
  // A node without children at the very end would send the walk past it.
  if (feature[count - 1] !== -1) return undefined;
  return new PackedTrees(data, Uint32Array.from(roots), { feature, cut, missingLeft, right, value });
}

interface Nodes {
  readonly feature: Int16Array;
  readonly cut: Float64Array;
  readonly missingLeft: Uint8Array;
  readonly right: Uint32Array;
  readonly value: Float64Array;
}

class PackedTrees implements TreeModel {
  readonly features: readonly string[];
  readonly #bias: number;
  readonly #roots: Uint32Array;
  readonly #nodes: Nodes;

  constructor(data: TreesData, roots: Uint32Array, nodes: Nodes) {
    this.features = data.features;
    this.#bias = data.bias;
    this.#roots = roots;
    this.#nodes = nodes;
  }

  get trees(): number {
    return this.#roots.length;
  }

  predict(features: Float64Array | Float32Array): number {
    return sigmoid(this.logOdds(features));
  }

  logOdds(features: Float64Array | Float32Array): number {
    const { feature, cut, missingLeft, right, value } = this.#nodes;
    let sum = this.#bias;
    for (const root of this.#roots) {
      let at = root;
      for (;;) {
        const named = feature[at]!;
        if (named < 0) break;
        const given = features[named]!;
        // NaN compares false with everything.
        const left = given <= cut[at]! || (Number.isNaN(given) && missingLeft[at] === 1);
        at = left ? at + 1 : right[at]!;
      }
      sum += value[at]!;
    }
    return sum;
  }

  contributions(features: Float64Array | Float32Array): Float64Array {
    const { feature, cut, missingLeft, right, value } = this.#nodes;
    const sums = new Float64Array(this.features.length);
    for (const root of this.#roots) {
      let at = root;
      for (;;) {
        const named = feature[at]!;
        if (named < 0) break;
        const given = features[named]!;
        const left = given <= cut[at]! || (Number.isNaN(given) && missingLeft[at] === 1);
        const next = left ? at + 1 : right[at]!;
        sums[named]! += value[next]! - value[at]!;
        at = next;
      }
    }
    return sums;
  }
}

export function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

function isTreesData(data: unknown): data is TreesData {
  if (typeof data !== 'object' || data === null) return false;
  // The fields are looked at one by one.
  const { features, cuts, bias, nodes } = data as Partial<Record<keyof TreesData, unknown>>;
  return (
    typeof nodes === 'string' &&
    typeof bias === 'number' &&
    Number.isFinite(bias) &&
    Array.isArray(features) &&
    features.length <= FEATURES_MAX &&
    features.every((each) => typeof each === 'string') &&
    Array.isArray(cuts) &&
    cuts.length === features.length &&
    cuts.every((each) => Array.isArray(each) && each.every((cut) => Number.isFinite(cut)))
  );
}
