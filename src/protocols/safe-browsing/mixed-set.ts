import { createHash } from 'node:crypto';
import { prefixBytes, type PrefixSet } from './prefix-set.ts';
import { STEP, type Steps } from './steps.ts';

/**
 * Prefixes of four bytes, and longer ones, which version 4 sends where four bytes would fit too many sites. Their
 * common order, by bytes, is what positions and checksums go by.
 */
export interface MixedSet {
  readonly prefixes: PrefixSet;
  /** Of 5 to 32 bytes, in the order of their bytes. */
  readonly longer: readonly Uint8Array[];
}

export const EMPTY_SET: MixedSet = { prefixes: new Uint32Array(0), longer: [] };

/** Sets without common members as one; `undefined`: they have some. */
export function* joinedSteps(sets: readonly MixedSet[]): Steps<MixedSet | undefined> {
  let all = EMPTY_SET;
  for (const set of sets) {
    const joined: MixedSet | undefined = yield* unionSteps(all, set);
    if (joined === undefined) return undefined;
    all = joined;
  }
  return all;
}

/**
 * What a client does with an update: takes out by position, ascending, then puts in. `undefined`: a position that is not
 * there or comes twice, or an addition that is there already.
 */
export function* changedSteps(
  before: MixedSet,
  removals: Uint32Array,
  additions: MixedSet,
): Steps<MixedSet | undefined> {
  const kept = removals.length === 0 ? before : yield* withoutSteps(before, removals);
  return kept === undefined ? undefined : yield* unionSteps(kept, additions);
}

/** SHA-256 over the bytes of all prefixes in their common order: what both ends compare. */
export function* checksumSteps({ prefixes, longer }: MixedSet): Steps<Uint8Array> {
  const hash = createHash('sha256');
  let done = 0;
  for (const each of [...longer, undefined]) {
    const until = each === undefined ? prefixes.length : upTo(prefixes, headOf(each), done);
    for (; done < until; done = Math.min(done + STEP, until)) {
      hash.update(prefixBytes(prefixes, done, Math.min(done + STEP, until)));
      yield;
    }
    if (each !== undefined) hash.update(each);
  }
  return hash.digest();
}

/** How many of the ascending numbers are at most `head`; those before `from` are. */
function upTo(prefixes: PrefixSet, head: number, from: number): number {
  let low = from;
  let high = prefixes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (prefixes[middle]! <= head) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first four bytes as a number: a prefix of four bytes comes before the longer ones that begin with it. */
function headOf(bytes: Uint8Array): number {
  return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
}

function* withoutSteps(before: MixedSet, removals: Uint32Array): Steps<MixedSet | undefined> {
  const { prefixes, longer } = before;
  const kept = new Uint32Array(prefixes.length);
  const keptLonger: Uint8Array[] = [];
  let filled = 0;
  let next = 0;
  let inLonger = 0;
  let inPrefixes = 0;
  const count = prefixes.length + longer.length;
  for (let at = 0; at < count; at++) {
    const isLonger =
      inLonger < longer.length &&
      (inPrefixes === prefixes.length || prefixes[inPrefixes]! > headOf(longer[inLonger]!));
    const isRemoved = next < removals.length && removals[next] === at;
    if (isRemoved) next++;
    if (isLonger) {
      if (!isRemoved) keptLonger.push(longer[inLonger]!);
      inLonger++;
    } else {
      if (!isRemoved) kept[filled++] = prefixes[inPrefixes]!;
      inPrefixes++;
    }
    if (at % STEP === STEP - 1) yield;
  }
  return next === removals.length ? { prefixes: kept.slice(0, filled), longer: keptLonger } : undefined;
}

function* unionSteps(left: MixedSet, right: MixedSet): Steps<MixedSet | undefined> {
  const longer = [...left.longer, ...right.longer].toSorted((a, b) => Buffer.compare(a, b));
  if (longer.some((each, at) => at > 0 && Buffer.compare(each, longer[at - 1]!) === 0)) return undefined;
  const a = left.prefixes;
  const b = right.prefixes;
  if (a.length === 0 || b.length === 0) return { prefixes: a.length === 0 ? b : a, longer };
  const union = new Uint32Array(a.length + b.length);
  let inA = 0;
  let inB = 0;
  for (let at = 0; at < union.length; at++) {
    const x = inA < a.length ? a[inA]! : Number.POSITIVE_INFINITY;
    const y = inB < b.length ? b[inB]! : Number.POSITIVE_INFINITY;
    if (x === y) return undefined;
    union[at] = Math.min(x, y);
    if (x < y) inA++;
    else inB++;
    if (at % STEP === STEP - 1) yield;
  }
  return { prefixes: union, longer };
}
