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
