import type { PeSource } from './types.ts';

const PIECE = 64 * 1024;

/**
 * Shannon entropy of a part of the file, in bits for a byte. Of more than `bytesMax` bytes, pieces spread evenly over
 * the part are counted.
 */
export function entropyOf(source: PeSource, at: number, length: number, bytesMax: number): number {
  const start = Math.min(Math.max(0, at), source.size);
  const whole = Math.min(Math.max(0, length), source.size - start);
  const pieces = Math.ceil(whole / PIECE);
  const taken = Math.min(pieces, Math.max(1, Math.ceil(bytesMax / PIECE)));
  const counts = new Uint32Array(256);
  let total = 0;
  for (let index = 0; index < taken; index++) {
    const piece = Math.floor((index * pieces) / taken);
    const from = piece * PIECE;
    const bytes = source.read(start + from, Math.min(PIECE, whole - from));
    for (let byte = 0; byte < bytes.length; byte++) counts[bytes[byte]!]!++;
    total += bytes.length;
  }
  return ofCounts(counts, total);
}

function ofCounts(counts: Uint32Array, total: number): number {
  if (total === 0) return 0;
  let sum = 0;
  for (const count of counts) {
    if (count > 0) sum -= (count / total) * Math.log2(count / total);
  }
  // Not the negative nought of a file of one byte value.
  return sum <= 0 ? 0 : sum;
}
