import { crc32 } from 'node:zlib';
import type { AttributeSet } from './attributes.ts';
import type { FuseShape } from './fuse-filter.ts';
import { type IndicatorKind, KEY_BYTES, type TableName } from './keys.ts';

/**
 * A segment: the look-up half of one layer of a feed. Written once, never changed.
 *
 *     prelude     64 bytes, below
 *     for each table that has records (keys, md5, sha1, sha256):
 *       records   sorted by key and kind: key (16, 16, 20, 32 bytes) and 14 bytes, below
 *       buckets   u32 × (2^bucketBits + 1): first record of each value of the key's top bits
 *     filter      binary fuse filters over fingerprints (fingerprints.ts), one after the other
 *     blocks      f64 × (blocks + 1): where the blocks of the values file start
 *     directory   JSON, `SegmentDirectory`
 *
 * The values file beside it (values-format.ts) holds the entries as text, in the order of the list. A look-up
 * never needs it. Numbers are little-endian, keys are bytes as they are; each part has a CRC-32.
 */
export const SEGMENT_VERSION = 2;
export const PRELUDE_BYTES = 64;
export const SEGMENT_MAGIC = 'SLYPSEG1';

/**
 * After the key: the number of the entry in the values file (of one that takes out: of the entry that follows), when it was first imported (seconds since 1970),
 * its attributes (number in `sets`), its kind, flags, and when it ends (hours after `baseS`, rounded up).
 */
export const TAIL = { entry: 0, addedAt: 4, set: 8, kind: 10, flags: 11, expiry: 12 } as const;
export const TAIL_BYTES = 14;
/** The entry was taken out: older layers that know it are not asked. */
export const FLAG_REMOVED = 1;
/** The same as in its attributes, for sorting. */
export const FLAG_ALLOW = 2;
export const NEVER = 0xffff;
const HOUR_S = 3600;

export const RECORD_BYTES: Readonly<Record<TableName, number>> = {
  keys: KEY_BYTES.keys + TAIL_BYTES,
  md5: KEY_BYTES.md5 + TAIL_BYTES,
  sha1: KEY_BYTES.sha1 + TAIL_BYTES,
  sha256: KEY_BYTES.sha256 + TAIL_BYTES,
};

export interface Section {
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
}

export interface SegmentTable {
  readonly name: TableName;
  readonly records: number;
  readonly bucketBits: number;
  readonly recordsAt: Section;
  readonly bucketsAt: Section;
}

export interface SegmentDirectory {
  readonly feed: string;
  readonly tables: readonly SegmentTable[];
  /** Entries in the values file, duplicates included. */
  readonly entries: number;
  /** Seconds since 1970, a whole hour: what ends are counted from. */
  readonly baseS: number;
  readonly sets: readonly AttributeSet[];
  /** Records by kind, those that take out excluded. */
  readonly kinds: Readonly<Record<IndicatorKind, number>>;
  readonly removed: number;
  /** Lengths of network prefixes that occur. */
  readonly prefixes4: readonly number[];
  readonly prefixes6: readonly number[];
  /** One filter for each value of the top bits of a mixed fingerprint. */
  readonly filters: readonly FuseShape[];
  readonly filterAt: Section;
  readonly blocksAt: Section;
  readonly valuesBytes: number;
}

export function baseOf(nowS: number): number {
  return Math.floor(nowS / HOUR_S) * HOUR_S;
}

/** Hours from the base, rounded up; what ends more than seven years later never ends. */
export function expiryHours(expiresAtS: number | undefined, baseS: number): number {
  if (expiresAtS === undefined) return NEVER;
  return Math.min(NEVER, Math.max(0, Math.ceil((expiresAtS - baseS) / HOUR_S)));
}

export function expirySeconds(hours: number, baseS: number): number | undefined {
  return hours === NEVER ? undefined : baseS + hours * HOUR_S;
}

/** The bucket of a key, by its first four bytes. */
export function bucketOf(key: Uint8Array, at: number, bits: number): number {
  if (bits === 0) return 0;
  const word = (key[at]! << 24) | (key[at + 1]! << 16) | (key[at + 2]! << 8) | key[at + 3]!;
  return word >>> (32 - bits);
}

/** Enough bits for groups of about this many, 24 at most. */
export function bitsFor(groups: number): number {
  return Math.min(24, Math.max(0, Math.ceil(Math.log2(Math.max(1, groups)))));
}

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
