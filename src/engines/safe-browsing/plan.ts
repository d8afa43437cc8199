import type { PrefixSet, Steps } from '../../protocols/safe-browsing/index.ts';
import { differenceSteps } from './steps.ts';

/** How a client gets from what it has to the first `count` entries of the target. */
export interface UpdatePlan {
  /** It throws away what it has. */
  readonly isFull: boolean;
  readonly removals: Uint32Array;
  readonly additions: PrefixSet;
  readonly count: number;
}

const NONE = new Uint32Array(0);

/**
 * `held` is what the client has, `undefined` when that is not known. An update has at most `changesMax` changes (0: any
 * number). A list that does not fit is given from its beginning, and goes on with the next requests: what a client
 * holds is always the beginning of one version, which is all that its state has to say.
 */
export function* planSteps(
  held: PrefixSet | undefined,
  target: PrefixSet,
  changesMax: number,
): Steps<UpdatePlan> {
  const max = changesMax > 0 ? changesMax : Number.POSITIVE_INFINITY;
  if (held !== undefined) {
    const whole = yield* differenceSteps(held, target);
    // A difference that is larger than the list itself saves nothing.
    const isWorth = whole.removals.length + whole.additions.length <= Math.min(max, target.length + 1);
    if (isWorth) return { isFull: false, ...whole, count: target.length };
    if (Number.isFinite(max)) {
      const part = yield* growthSteps(held, target, max);
      if (part !== undefined) return part;
    }
  }
  const count = Math.min(max, target.length);
  return { isFull: true, removals: NONE, additions: target.subarray(0, count), count };
}

/** The client holds a beginning: it is put right as far as it goes, and made longer by what is left of `max`. */
function* growthSteps(held: PrefixSet, target: PrefixSet, max: number): Steps<UpdatePlan | undefined> {
  const last = held.at(-1);
  const start = last === undefined ? 0 : countUpTo(target, last);
  const here = yield* differenceSteps(held, target.subarray(0, start));
  const changes = here.removals.length + here.additions.length;
  if (changes >= max) return undefined;
  const count = Math.min(target.length, start + max - changes);
  const additions = new Uint32Array(here.additions.length + count - start);
  additions.set(here.additions);
  additions.set(target.subarray(start, count), here.additions.length);
  return { isFull: false, removals: here.removals, additions, count };
}

/** How many of ascending numbers are at most `value`. */
function countUpTo(numbers: Uint32Array, value: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
