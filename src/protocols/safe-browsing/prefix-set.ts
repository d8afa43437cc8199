import { createHash } from 'node:crypto';

/** Prefixes of four bytes as big-endian numbers, ascending, without repetition: the order of their bytes. */
export type PrefixSet = Uint32Array;

/** What a client compares and looks up: SHA-256 of an expression such as `evil.example/a/`. */
export function expressionHash(expression: string): Uint8Array {
  return createHash('sha256').update(expression).digest();
}

/** The four bytes of each, one after the other. */
export function prefixBytes(prefixes: PrefixSet, from = 0, to = prefixes.length): Uint8Array {
  const bytes = Buffer.allocUnsafe((to - from) * 4);
  for (let at = from; at < to; at++) bytes.writeUInt32BE(prefixes[at]!, (at - from) * 4);
  return bytes;
}

/** The other way round; `undefined` when the length is no multiple of four or they are not ascending. */
export function prefixesOfBytes(bytes: Uint8Array): PrefixSet | undefined {
  if (bytes.length % 4 !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const prefixes = new Uint32Array(bytes.length / 4);
  for (let at = 0; at < prefixes.length; at++) {
    prefixes[at] = view.getUint32(at * 4);
    if (at > 0 && prefixes[at]! <= prefixes[at - 1]!) return undefined;
  }
  return prefixes;
}

/** SHA-256 over the bytes of the sorted prefixes: what both ends compare. */
export function prefixChecksum(prefixes: PrefixSet): Uint8Array {
  const hash = createHash('sha256');
  for (let at = 0; at < prefixes.length; at += CHECKSUM_STEP)
    hash.update(prefixBytes(prefixes, at, Math.min(prefixes.length, at + CHECKSUM_STEP)));
  return hash.digest();
}

const CHECKSUM_STEP = 65_536;

/** Version 4 codes prefixes as little-endian numbers. */
export function swapBytes(value: number): number {
  return ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

/**
 * What a client does with an update: takes out by position, then puts in. `undefined`: a position that is not there or
 * comes twice, or an addition that is there already.
 */
export function applyUpdate(
  before: PrefixSet,
  removals: Uint32Array,
  additions: PrefixSet,
): PrefixSet | undefined {
  const kept = new Uint32Array(before.length - Math.min(before.length, removals.length));
  let filled = 0;
  let next = 0;
  for (let at = 0; at < before.length; at++) {
    if (next < removals.length && removals[next] === at) next++;
    else if (filled < kept.length) kept[filled++] = before[at]!;
  }
  if (next !== removals.length || filled !== kept.length) return undefined;
  const after = new Uint32Array(kept.length + additions.length);
  let old = 0;
  let added = 0;
  for (let at = 0; at < after.length; at++) {
    const left = old < kept.length ? kept[old]! : Number.POSITIVE_INFINITY;
    const right = added < additions.length ? additions[added]! : Number.POSITIVE_INFINITY;
    if (left === right) return undefined;
    after[at] = left < right ? left : right;
    if (left < right) old++;
    else added++;
  }
  return after;
}
