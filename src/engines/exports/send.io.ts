import type { FileHandle } from 'node:fs/promises';
import type { MaybePromise } from '../../kernel/index.ts';
import { type Artifact, MARK_EVERY } from './artifact.ts';

/** Bytes of one read: large enough for the disk, small enough to wait in memory for a slow client. */
const PIECE_BYTES = 64 * 1024;

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface Receiver {
  write(piece: Uint8Array): MaybePromise<void>;
  readonly gone: boolean;
}

/** Sends ranges of a file, each piece after the one before was taken. */
export async function sendRanges(
  file: FileHandle,
  ranges: readonly ByteRange[],
  to: Receiver,
): Promise<void> {
  const piece = Buffer.alloc(PIECE_BYTES);
  for (const { start, end } of ranges) {
    for (let at = start; at < end && !to.gone;) {
      const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, end - at), at);
      if (bytesRead === 0) throw new TypeError('a rendered export is shorter than it was');
      // A copy where the receiver keeps it: the next read overwrites the piece.
      await to.write(Buffer.from(piece.subarray(0, bytesRead)));
      at += bytesRead;
    }
  }
}

/** The bytes of some lines after the head; found by the nearest mark and a short walk. */
export async function lineRange(
  file: FileHandle,
  { marks, lines, bytes }: Artifact,
  first: number,
  count: number,
): Promise<ByteRange> {
  const offsetOf = async (line: number): Promise<number> => {
    if (line >= lines) return bytes;
    const mark = Math.floor(line / MARK_EVERY);
    return skipLines(file, marks[mark] ?? bytes, line - mark * MARK_EVERY);
  };
  return { start: await offsetOf(first), end: await offsetOf(first + count) };
}

async function skipLines(file: FileHandle, from: number, count: number): Promise<number> {
  const piece = Buffer.alloc(PIECE_BYTES);
  let [offset, left] = [from, count];
  while (left > 0) {
    const { bytesRead } = await file.read(piece, 0, piece.length, offset);
    if (bytesRead === 0) return offset;
    let at = 0;
    while (left > 0) {
      const end = piece.subarray(0, bytesRead).indexOf(10, at);
      if (end < 0) break;
      at = end + 1;
      left--;
    }
    if (left === 0) return offset + at;
    offset += bytesRead;
  }
  return offset;
}
