/**
 * Gradient-boosted trees with logistic loss, grown leaf by leaf over histograms (Ke and others, LightGBM, 2017, without
 * its sampling of gradients). One thread and one seed: the same rows give the same bytes.
 */
import {
  LEAF,
  MISSING_LEFT,
  NODE_BYTES,
  packNodes,
  type PackedNode,
  type TreesData,
} from '../prediction/index.ts';
import { binTable, type BinnedTable } from './bins.ts';
import { BOOST_DEFAULTS, type BoostOptions } from './boost-options.ts';
import { growTree, type GrownNode } from './grow.ts';
import { seeded } from './random.ts';

export interface TrainingTable {
  readonly features: readonly string[];
  /** One array a feature, one value a row; NaN is a missing value. */
  readonly columns: readonly (Float64Array | Float32Array)[];
  /** 1 is what the model is to find. */
  readonly labels: Uint8Array;
  readonly weights: Float64Array | Float32Array;
}

export function trainBoost(table: TrainingTable, options: Partial<BoostOptions> = {}): TreesData {
  const settings = { ...BOOST_DEFAULTS, ...options };
  const binned = binTable(table.columns, settings.binsMax);
  const { trees, bias } = boost(table, binned, settings);
  return {
    features: table.features,
    cuts: binned.cuts.map((each) => [...each]),
    bias,
    nodes: packNodes(numbered(trees)),
  };
}

/** Several trainings of the same features as one model: the mean of their log odds. */
export function meanOfTrees(parts: readonly TreesData[]): TreesData {
  const [first] = parts;
  if (first === undefined) throw new RangeError('no trees');
  const share = 1 / parts.length;
  const cuts = first.features.map((_, feature) => [
    ...new Set(parts.flatMap((part) => part.cuts[feature] ?? []).toSorted((a, b) => a - b)),
  ]);
  const bytes = parts.map((part) => Buffer.from(part.nodes, 'base64'));
  let before = 0;
  for (const [at, packed] of bytes.entries()) {
    for (let start = 0; start < packed.length; start += NODE_BYTES) {
      packed.writeFloatLE(packed.readFloatLE(start + 8) * share, start + 8);
      const feature = packed.readUInt16LE(start);
      if (feature === LEAF) continue;
      const cut = packed.readUInt16LE(start + 2);
      const value = parts[at]!.cuts[feature]![cut & ~MISSING_LEFT]!;
      packed.writeUInt16LE(cuts[feature]!.indexOf(value) | (cut & MISSING_LEFT), start + 2);
      packed.writeUInt32LE(packed.readUInt32LE(start + 4) + before, start + 4);
    }
    before += packed.length / NODE_BYTES;
  }
  return {
    features: first.features,
    cuts,
    bias: parts.reduce((sum, { bias }) => sum + bias, 0) * share,
    nodes: Buffer.concat(bytes).toString('base64'),
  };
}

function boost(
  table: TrainingTable,
  binned: BinnedTable,
  options: BoostOptions,
): { readonly trees: readonly (readonly GrownNode[])[]; readonly bias: number } {
  const { labels, weights } = table;
  const rows = labels.length;
  const random = seeded(options.seed);
  const signs = table.features.map((name) => options.monotone?.[name] ?? 0);
  const bias = priorLogOdds(labels, weights);
  const scores = new Float64Array(rows).fill(bias);
  const slopes = new Float64Array(rows);
  const hessians = new Float64Array(rows);
  const trees: (readonly GrownNode[])[] = [];
  for (let round = 0; round < options.rounds; round++) {
    for (let row = 0; row < rows; row++) {
      const chance = 1 / (1 + Math.exp(-scores[row]!));
      slopes[row] = (chance - labels[row]!) * weights[row]!;
      hessians[row] = Math.max(chance * (1 - chance), 1e-9) * weights[row]!;
    }
    const chosen = sample(rows, options.rowShare, random);
    const features = sample(binned.bins.length, options.featureShare, random);
    const tree = growTree({ binned, slopes, hessians, rows: chosen, features, signs, options });
    trees.push(tree);
    addTree(tree, binned, scores);
  }
  return { trees, bias };
}

function priorLogOdds(labels: Uint8Array, weights: Float64Array | Float32Array): number {
  let bad = 0;
  let all = 0;
  for (const [row, label] of labels.entries()) {
    bad += label * weights[row]!;
    all += weights[row]!;
  }
  const share = Math.min(Math.max(bad / all, 1e-6), 1 - 1e-6);
  return Math.log(share / (1 - share));
}

function sample(count: number, share: number, random: () => number): Uint32Array {
  if (share >= 1) return Uint32Array.from({ length: count }, (_, at) => at);
  const chosen: number[] = [];
  for (let at = 0; at < count; at++) if (random() < share) chosen.push(at);
  return Uint32Array.from(chosen.length > 0 ? chosen : [Math.floor(random() * count)]);
}

function addTree(tree: readonly GrownNode[], { bins }: BinnedTable, scores: Float64Array): void {
  for (let row = 0; row < scores.length; row++) {
    let at = 0;
    for (;;) {
      const node = tree[at]!;
      if (node.feature < 0) break;
      const bin = bins[node.feature]![row]!;
      const left = bin === 0 ? node.missingLeft : bin <= node.cut + 1;
      at = left ? node.left : node.right;
    }
    scores[row]! += tree[at]!.value;
  }
}

/** In preorder, counted over all trees. */
function numbered(trees: readonly (readonly GrownNode[])[]): readonly (readonly PackedNode[])[] {
  let before = 0;
  return trees.map((tree) => {
    const order: GrownNode[] = [];
    const place = new Map<GrownNode, number>();
    const walk = (node: GrownNode): void => {
      place.set(node, before + order.length);
      order.push(node);
      if (node.feature < 0) return;
      walk(tree[node.left]!);
      walk(tree[node.right]!);
    };
    walk(tree[0]!);
    before += order.length;
    return order.map((node) => ({
      ...node,
      right: node.feature < 0 ? 0 : place.get(tree[node.right]!)!,
    }));
  });
}
