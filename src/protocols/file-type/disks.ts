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

/** An image of a disk or of one file system without any head of its own: by its boot sector, or what stands behind it. */
export function diskType(start: Buffer): FileTypeName | undefined {
  return bootType(start) ?? volumeType(start);
}

function bootType(start: Buffer): FileTypeName | undefined {
  const at = textAt(start);
  // A partition map of Apple, and of APFS its container.
  if ((at(0, 'ER') && at(512, 'PM\0\0')) || at(32, 'NXSB')) return 'disk';
  if (start.length < 512 || start.readUInt16LE(510) !== 0xaa55) return undefined;
  if (at(3, 'NTFS    ') || at(3, 'EXFAT   ') || at(54, 'FAT') || at(82, 'FAT32') || at(512, 'EFI PART')) {
    return 'disk';
  }
  return hasPartitions(start) ? 'disk' : undefined;
}

/** File systems that leave the boot sector to others: ext2 to ext4, HFS+, and the HFS before it, which nothing here opens. */
function volumeType(start: Buffer): FileTypeName | undefined {
  if (start.length < VOLUME_AT + 128) return undefined;
  const head = start.subarray(VOLUME_AT, VOLUME_AT + 128);
  const mark = head.readUInt32BE(0);
  // `H+` of version 4, `HX` of version 5 (TN1150).
  if (mark === 0x482b_0004 || mark === 0x4858_0005) return 'disk';
  // Blocks of 1 KiB shifted by at most 6, and one of two revisions.
  if (head.readUInt16LE(56) === 0xef53 && head.readUInt32LE(24) <= 6 && head.readUInt32LE(76) <= 1)
    return 'disk';
  // `BD`, some blocks of whole sectors, and a name (Inside Macintosh: Files, 2-60).
  const [blocks, blockBytes, nameChars] = [head.readUInt16BE(18), head.readUInt32BE(20), head[36]!];
  const isHfs = mark >>> 16 === 0x4244 && blocks > 0 && blockBytes > 0 && blockBytes % 512 === 0;
  return isHfs && nameChars > 0 && nameChars < 28 ? 'other-archive' : undefined;
}

const VOLUME_AT = 1024;

function textAt(start: Buffer): (from: number, text: string) => boolean {
  return (from, text) => start.toString('latin1', from, from + text.length) === text;
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
