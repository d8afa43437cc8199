import { swapBytes } from './prefix-set.ts';

/** Work on long lists that stops every so often, so that connections of the same process do not wait for it. */
export type Steps<T> = Generator<undefined, T>;

/** Numbers that are worked on between two stops: about a millisecond. */
export const STEP = 32_768;

/** The outcome, in one go. */
export function outcomeOf<T>(steps: Steps<T>): T {
  for (;;) {
    const next = steps.next();
    if (next.done === true) return next.value;
  }
}

/**
 * The numbers with their bytes in the other order, ascending: a radix sort, because it can be cut into steps. Turns the
 * prefixes of version 5 into those that version 4 codes, and back.
 */
export function* swappedSteps(values: Uint32Array): Steps<Uint32Array> {
  let from: Uint32Array = new Uint32Array(values.length);
  let to: Uint32Array = new Uint32Array(values.length);
  for (let at = 0; at < values.length; at++) {
    from[at] = swapBytes(values[at]!);
    if (at % STEP === STEP - 1) yield;
  }
  for (const shift of [0, 8, 16, 24]) {
    const next = new Uint32Array(257);
    for (let at = 0; at < from.length; at++) {
      next[((from[at]! >>> shift) & 255) + 1]!++;
      if (at % STEP === STEP - 1) yield;
    }
    for (let bucket = 1; bucket < 257; bucket++) next[bucket]! += next[bucket - 1]!;
    for (let at = 0; at < from.length; at++) {
      to[next[(from[at]! >>> shift) & 255]!++] = from[at]!;
      if (at % STEP === STEP - 1) yield;
    }
    [from, to] = [to, from];
  }
  return from;
}
