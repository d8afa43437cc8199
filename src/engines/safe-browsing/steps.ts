import type { Clock } from '../../kernel/index.ts';
import {
  prefixBytes,
  type PrefixSet,
  type RiceCoded,
  RiceEncoder,
  riceParameter,
  STEP,
  type Steps,
} from '../../protocols/safe-browsing/index.ts';

export interface Pacing {
  readonly clock: Clock;
  /** Lets the process do what waits. */
  pause(): Promise<void>;
}

/** Work in one go; look-ups in the same process wait no longer. */
const SLICE_MS = 4;

/** Carries the work out in slices of milliseconds. */
export async function runSteps<T>(steps: Steps<T>, { clock, pause }: Pacing): Promise<T> {
  let since = clock.monotonic();
  for (;;) {
    const next = steps.next();
    if (next.done === true) return next.value;
    if (clock.monotonic() - since < SLICE_MS) continue;
    await pause();
    since = clock.monotonic();
  }
}

export function* bytesSteps(prefixes: PrefixSet): Steps<Uint8Array> {
  const bytes = new Uint8Array(prefixes.length * 4);
  for (let at = 0; at < prefixes.length; at += STEP) {
    bytes.set(prefixBytes(prefixes, at, Math.min(prefixes.length, at + STEP)), at * 4);
    yield;
  }
  return bytes;
}

export function* riceSteps(values: Uint32Array, bounds: readonly [number, number]): Steps<RiceCoded> {
  const firstValue = values[0] ?? 0;
  const count = Math.max(0, values.length - 1);
  const parameter = riceParameter((values.at(-1) ?? 0) - firstValue, count, bounds);
  const encoder = new RiceEncoder(parameter, count);
  for (let at = 1; at < values.length; at += STEP) {
    encoder.add(values, at, Math.min(values.length, at + STEP));
    yield;
  }
  return { firstValue, parameter, count, data: encoder.finish() };
}

/** Both sets as one. */
export function* unionSteps(left: PrefixSet, right: PrefixSet): Steps<PrefixSet> {
  const union = new Uint32Array(left.length + right.length);
  let filled = 0;
  let inLeft = 0;
  let inRight = 0;
  while (inLeft < left.length || inRight < right.length) {
    const a = inLeft < left.length ? left[inLeft]! : Number.POSITIVE_INFINITY;
    const b = inRight < right.length ? right[inRight]! : Number.POSITIVE_INFINITY;
    union[filled++] = Math.min(a, b);
    if (a <= b) inLeft++;
    if (b <= a) inRight++;
    if (filled % STEP === 0) yield;
  }
  return union.slice(0, filled);
}

export interface Difference {
  /** Positions in the old set, ascending. */
  readonly removals: Uint32Array;
  readonly additions: PrefixSet;
}

export function* differenceSteps(before: PrefixSet, after: PrefixSet): Steps<Difference> {
  const removals: number[] = [];
  const additions: number[] = [];
  let old = 0;
  let fresh = 0;
  for (let step = 1; old < before.length || fresh < after.length; step++) {
    const a = old < before.length ? before[old]! : Number.POSITIVE_INFINITY;
    const b = fresh < after.length ? after[fresh]! : Number.POSITIVE_INFINITY;
    if (a < b) removals.push(old);
    else if (b < a) additions.push(b);
    if (a <= b) old++;
    if (b <= a) fresh++;
    if (step % STEP === 0) yield;
  }
  return { removals: Uint32Array.from(removals), additions: Uint32Array.from(additions) };
}
