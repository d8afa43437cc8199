import type { Source } from './types.ts';

/** Bytes in memory, read without a copy. */
export function memorySource(bytes: Uint8Array): Source {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    size: buffer.length,
    read: (at, length) => buffer.subarray(Math.max(0, at), Math.max(0, at) + Math.max(0, length)),
  };
}

/** A part of another source, as a source. */
export function partOf(source: Source, from: number, size: number): Source {
  const start = Math.min(Math.max(0, from), source.size);
  const whole = Math.max(0, Math.min(size, source.size - start));
  return {
    size: whole,
    read: (at, length) => source.read(start + at, Math.max(0, Math.min(length, whole - at))),
  };
}

/** Pieces of a part of a source, in order. */
export function* piecesOf(source: Source, from = 0, length = source.size - from): Generator<Buffer> {
  for (let at = from; at < from + length;) {
    const piece = source.read(at, Math.min(PIECE, from + length - at));
    if (piece.length === 0) return;
    yield piece;
    at += piece.length;
  }
}

const PIECE = 64 * 1024;

/** Where `wanted` begins at or after `from`; -1: nowhere before `to`. */
export function findIn(source: Source, wanted: Buffer, from: number, to = source.size): number {
  const step = 256 * 1024;
  for (let at = from; at < to; at += step) {
    const piece = source.read(at, Math.min(step + wanted.length - 1, to - at));
    const found = piece.indexOf(wanted);
    if (found >= 0) return at + found;
    if (piece.length < step) break;
  }
  return -1;
}
