import { seeded } from '../../../src/engines/training/index.ts';
import { shuffle } from './shuffle.ts';

/** Tokens of many rows, one after the other; each token's part of its row in `values`. */
export interface TokenRows {
  readonly starts: Uint32Array;
  readonly slots: Uint32Array;
  readonly values: Float32Array;
  readonly isBad: Uint8Array;
  readonly weights: Float32Array;
}

export interface LinearOptions {
  readonly bits: number;
  readonly epochs: number;
  readonly rate: number;
  /** Pull towards nought at each step of a weight. */
  readonly decay: number;
  readonly seed: number;
}

/** Logistic regression over hashed tokens by stochastic gradients with steps that shrink by themselves (AdaGrad). */
export function trainLinear(rows: TokenRows, chosen: Uint32Array, options: LinearOptions): Float32Array {
  const weights = new Float32Array(2 ** options.bits);
  const squares = new Float32Array(2 ** options.bits).fill(1e-3);
  const order = chosen.slice();
  const random = seeded(options.seed);
  const { starts, slots, values, isBad } = rows;
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    shuffle(order, random);
    for (const row of order) {
      const start = starts[row]!;
      const end = starts[row + 1]!;
      let sum = 0;
      for (let at = start; at < end; at++) sum += weights[slots[at]!]! * values[at]!;
      const error = (1 / (1 + Math.exp(-sum)) - isBad[row]!) * rows.weights[row]!;
      for (let at = start; at < end; at++) {
        const slot = slots[at]!;
        const slope = error * values[at]! + options.decay * weights[slot]!;
        squares[slot]! += slope * slope;
        weights[slot]! -= (options.rate * slope) / Math.sqrt(squares[slot]!);
      }
    }
  }
  return weights;
}
