import type { FileTypeName } from './types.ts';

const TRAILER_BYTES = 512;

/** Disk images whose mark stands in their last sector: it begins with anything that a disk begins with. */
export function trailerType(end: Buffer): FileTypeName | undefined {
  if (end.length < TRAILER_BYTES) return undefined;
  const trailer = end.subarray(-TRAILER_BYTES);
  // Version 4, and the size of the trailer itself.
  if (trailer.toString('latin1', 0, 4) === 'koly' && trailer.readUInt32BE(8) === TRAILER_BYTES) return 'dmg';
  return trailer.toString('latin1', 0, 8) === 'conectix' ? 'vhd' : undefined;
}

/** An image of a disk or of one file system without any head of its own: by its boot sector. */
export function diskType(start: Buffer): FileTypeName | undefined {
  if (start.length < 512 || start.readUInt16LE(510) !== 0xaa55) return undefined;
  const at = (from: number, text: string): boolean =>
    start.toString('latin1', from, from + text.length) === text;
  if (at(3, 'NTFS    ') || at(3, 'EXFAT   ') || at(54, 'FAT') || at(82, 'FAT32') || at(512, 'EFI PART')) {
    return 'disk';
  }
  return hasPartitions(start) ? 'disk' : undefined;
}

/** Four entries, each empty or with a type, a start and a size; and the first says whether it boots. */
function hasPartitions(start: Buffer): boolean {
  let count = 0;
  for (let at = 446; at < 510; at += 16) {
    const [boots, kind] = [start[at]!, start[at + 4]!];
    if (boots !== 0 && boots !== 0x80) return false;
    if (kind === 0) continue;
    if (start.readUInt32LE(at + 8) === 0 || start.readUInt32LE(at + 12) === 0) return false;
    count++;
  }
  return count > 0;
}

/** Properties of LZMA, a dictionary of a power of two, and a size that is not known or not absurd: of a file of LZMA alone. */
export function isLzma(start: Buffer): boolean {
  if (start.length < 18 || start[0] !== 0x5d) return false;
  const dictionary = start.readUInt32LE(1);
  const size = start.readBigUInt64LE(5);
  const isPower = dictionary >= 4096 && (dictionary & (dictionary - 1)) === 0;
  return isPower && (size === 0xffff_ffff_ffff_ffffn || size < 0x100_0000_0000n) && start[13] === 0;
}
