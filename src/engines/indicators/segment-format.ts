import { crc32 } from 'node:zlib';
import type { FuseShape } from './fuse-filter.ts';
import type { IndicatorKind } from './keys.ts';

/**
 * A segment: the look-up half of one feed. Written once, never changed.
 *
 *     prelude     64 bytes, below
 *     records     sorted by key, RECORD_BYTES each
 *     buckets     u32 × (2^bucketBits + 1): first record of each value of the key's top bits
 *     filter      binary fuse filter over fingerprints (fingerprints.ts)
 *     blocks      f64 × (blocks + 1): where the blocks of the values file start
 *     directory   JSON, `SegmentDirectory`
 *
 * The values file beside it holds the entries as text, in the order of the list, in deflated blocks of
 * BLOCK_ENTRIES. A look-up never needs it. All numbers are little-endian; each part has a CRC-32.
 */
export const SEGMENT_VERSION = 1;
export const PRELUDE_BYTES = 64;
export const SEGMENT_MAGIC = 'SLYPSEG1';
export const VALUES_MAGIC = 'SLYPVAL1';
export const BLOCK_ENTRIES = 512;

/**
 * One record: the key as four words, the number of the entry in the values file, when it was first
 * imported (seconds since 1970), its category, its kind, and flags (bits 0–1 severity, bit 2 allow).
 */
export const RECORD_BYTES = 28;
export const RECORD = { entry: 16, addedAt: 20, category: 24, kind: 26, flags: 27 } as const;
export const FLAG_ALLOW = 4;

export interface Section {
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
}

export interface SegmentDirectory {
  readonly feed: string;
  readonly records: number;
  /** Entries in the values file, duplicates included. */
  readonly entries: number;
  readonly bucketBits: number;
  /** Records of the largest bucket. */
  readonly bucketMax: number;
  readonly categories: readonly string[];
  readonly kinds: Readonly<Record<IndicatorKind, number>>;
  /** Lengths of network prefixes that occur. */
  readonly prefixes4: readonly number[];
  readonly prefixes6: readonly number[];
  readonly filter: FuseShape;
  readonly sections: Readonly<Record<SectionName, Section>>;
  readonly valuesBytes: number;
}

export type SectionName = 'records' | 'buckets' | 'filter' | 'blocks';

export function encodePrelude(directory: Buffer, directoryOffset: number): Buffer {
  const prelude = Buffer.alloc(PRELUDE_BYTES);
  prelude.write(SEGMENT_MAGIC, 0, 'latin1');
  prelude.writeUInt32LE(SEGMENT_VERSION, 8);
  prelude.writeUInt32LE(directory.length, 12);
  prelude.writeDoubleLE(directoryOffset, 16);
  prelude.writeUInt32LE(crc32(directory), 24);
  prelude.writeUInt32LE(crc32(prelude.subarray(0, 28)), 28);
  return prelude;
}

/** Where the directory is, or what is wrong. */
export function decodePrelude(
  prelude: Buffer,
  fileBytes: number,
): { readonly offset: number; readonly length: number; readonly crc: number } | string {
  if (prelude.length < PRELUDE_BYTES) return 'it is shorter than its header';
  if (prelude.toString('latin1', 0, 8) !== SEGMENT_MAGIC) return 'it does not start like an indicator file';
  if (prelude.readUInt32LE(28) !== crc32(prelude.subarray(0, 28)))
    return 'the checksum of its header is wrong';
  const version = prelude.readUInt32LE(8);
  if (version !== SEGMENT_VERSION) return `it has version ${version}, this gateway reads ${SEGMENT_VERSION}`;
  const place = {
    offset: prelude.readDoubleLE(16),
    length: prelude.readUInt32LE(12),
    crc: prelude.readUInt32LE(24),
  };
  if (place.offset + place.length !== fileBytes) {
    return `it has ${fileBytes} bytes, its header says ${place.offset + place.length}`;
  }
  return place;
}
