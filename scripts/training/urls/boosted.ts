import { readTrees, type TreeModel, type TreesData } from '../../../src/engines/prediction/trees.ts';
import { type BoostOptions, trainBoost } from '../boost.ts';

/** Rows of numbers to trees. Leaf values lose digits that mean nothing, so that the file is small. */
export function boostRows(
  features: readonly string[],
  rows: readonly Float64Array[],
  labels: Uint8Array,
  weights: Float32Array,
  options: Partial<BoostOptions>,
): { readonly data: TreesData; readonly trees: TreeModel } {
  const columns = features.map((_, column) => Float64Array.from(rows, (row) => row[column]!));
  const data = trainBoost({ features, columns, labels, weights }, options);
  const trees = readTrees(data);
  if (trees === undefined) throw new Error('the trees that were trained cannot be read');
  return { data, trees };
}

const STEP_MAX = 0.25;

/**
 * Platt scaling (1999): the line through log odds that makes them chances, where bad and good weigh the same. Newton's
 * method, a fixed number of steps.
 */
export function platt(odds: readonly number[], isBad: readonly boolean[]) {
  const bad = isBad.filter(Boolean).length;
  const weightOf = (of: boolean): number => 0.5 / (of ? bad : isBad.length - bad);
  let slope = 1;
  let offset = 0;
  for (let step = 0; step < 100; step++) {
    let gs = 0;
    let go = 0;
    let hss = 1e-9;
    let hso = 0;
    let hoo = 1e-9;
    for (const [at, x] of odds.entries()) {
      const weight = weightOf(isBad[at]!);
      const chance = 1 / (1 + Math.exp(-(slope * x + offset)));
      const error = (chance - Number(isBad[at]!)) * weight;
      const bend = chance * (1 - chance) * weight;
      gs += error * x;
      go += error;
      hss += bend * x * x;
      hso += bend * x;
      hoo += bend;
    }
    const det = hss * hoo - hso * hso;
    // A step of Newton's may be far too long where most chances are near 0 or 1.
    slope -= clamp((hoo * gs - hso * go) / det);
    offset -= clamp((hss * go - hso * gs) / det);
  }
  return { slope, offset };
}

function clamp(step: number): number {
  return Math.max(-STEP_MAX, Math.min(STEP_MAX, step));
}
