import { findIn } from './source.ts';
import type { Source } from './types.ts';

/** An entry as one of the two places says that describe it (APPNOTE.TXT 6.3.10). */
export interface ZipEntry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Of the local header, in the source. */
  readonly offset: number;
}

export interface ZipDirectory {
  readonly entries: readonly ZipEntry[];
  /** Where it begins: entries stand before it. */
  readonly start: number;
  /** Why the directory may not be all there is; empty: it is sound. */
  readonly damage: string;
}

const END_BYTES = 22;
const COMMENT_MAX = 0xffff;
const END = Buffer.from('PK\x05\x06', 'latin1');
const LOCAL = Buffer.from('PK\x03\x04', 'latin1');
const NOT_HERE = 0xffff_ffff;

/** A quick look: an end record that fits stands at the very end, without or with a short comment. */
export function hasZipEnd(source: Source): boolean {
  if (source.size < END_BYTES) return false;
  const tail = source.read(Math.max(0, source.size - 1024), 1024);
  const at = tail.lastIndexOf(END);
  return (
    at >= 0 && at + END_BYTES <= tail.length && at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length
  );
}

/** Reads the central directory; entries in its order. `undefined`: there is none. */
export function readDirectory(source: Source, entriesMax: number): ZipDirectory | undefined {
  const found = endRecord(source);
  if (found === undefined) return undefined;
  const { at, directory } = found;
  const { count, size, offset } = directory;
  // Bytes before the archive (a program that unpacks itself) move every offset in it.
  const start = at - size;
  const moved = start - offset;
  if (size > at || start < 0 || moved < 0)
    return { entries: [], start: source.size, damage: 'the directory lies outside the file' };
  const entries: ZipEntry[] = [];
  let place = start;
  while (place + 46 <= at && entries.length < entriesMax) {
    const head = source.read(place, 46);
    if (head.length < 46 || head.readUInt32LE(0) !== 0x0201_4b50) break;
    const nameBytes = head.readUInt16LE(28);
    const extraBytes = head.readUInt16LE(30);
    const tail = source.read(place + 46, nameBytes + extraBytes);
    const wide = wideValues(tail.subarray(nameBytes), [
      head.readUInt32LE(24),
      head.readUInt32LE(20),
      head.readUInt32LE(42),
    ]);
    const flags = head.readUInt16LE(8);
    entries.push({
      name: nameOf(tail.subarray(0, nameBytes), flags),
      flags,
      method: head.readUInt16LE(10),
      crc: head.readUInt32LE(16),
      size: wide[0] ?? 0,
      packed: wide[1] ?? 0,
      offset: (wide[2] ?? 0) + moved,
    });
    place += 46 + nameBytes + extraBytes + head.readUInt16LE(32);
  }
  const isWhole = entries.length >= entriesMax || entries.length === count;
  return { entries, start, damage: isWhole ? '' : 'the directory does not have as many entries as it says' };
}

interface EndRecord {
  readonly at: number;
  readonly directory: { readonly count: number; readonly size: number; readonly offset: number };
}

/** The last record whose comment ends with the file; else the last at all. */
function endRecord(source: Source): EndRecord | undefined {
  const from = Math.max(0, source.size - END_BYTES - COMMENT_MAX);
  const tail = source.read(from, END_BYTES + COMMENT_MAX);
  let last = -1;
  for (let at = tail.lastIndexOf(END); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf(END, at - 1)) {
    if (at + END_BYTES > tail.length) continue;
    if (last < 0) last = at;
    if (at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length) {
      last = at;
      break;
    }
  }
  if (last < 0) return undefined;
  const at = from + last;
  const plain = {
    count: tail.readUInt16LE(last + 10),
    size: tail.readUInt32LE(last + 12),
    offset: tail.readUInt32LE(last + 16),
  };
  return wideEnd(source, at) ?? { at, directory: plain };
}

/** ZIP64: a locator of 20 bytes before the end record names a larger one (§4.3.14, §4.3.15). */
function wideEnd(source: Source, at: number): EndRecord | undefined {
  const locator = source.read(at - 20, 20);
  if (at < 20 || locator.length < 20 || locator.readUInt32LE(0) !== 0x0706_4b50) return undefined;
  // Where it says, or right before itself when bytes were put before the archive.
  for (const place of [Number(locator.readBigUInt64LE(8)), at - 20 - 56]) {
    if (!Number.isSafeInteger(place) || place < 0) continue;
    const record = source.read(place, 56);
    if (record.length < 56 || record.readUInt32LE(0) !== 0x0606_4b50) continue;
    const [count, size, offset] = [32, 40, 48].map((field) => Number(record.readBigUInt64LE(field)));
    return { at: place, directory: { count: count ?? 0, size: size ?? 0, offset: offset ?? 0 } };
  }
  return undefined;
}

/** The header before the data, and where the data begins; `undefined`: there is no header. */
export function localHeader(
  source: Source,
  offset: number,
): (ZipEntry & { readonly data: number }) | undefined {
  const head = source.read(offset, 30);
  if (head.length < 30 || !head.subarray(0, 4).equals(LOCAL)) return undefined;
  const nameBytes = head.readUInt16LE(26);
  const extraBytes = head.readUInt16LE(28);
  const tail = source.read(offset + 30, nameBytes + extraBytes);
  const [size, packed] = wideValues(tail.subarray(nameBytes), [head.readUInt32LE(22), head.readUInt32LE(18)]);
  const flags = head.readUInt16LE(6);
  return {
    name: nameOf(tail.subarray(0, nameBytes), flags),
    flags,
    method: head.readUInt16LE(8),
    crc: head.readUInt32LE(14),
    size: size ?? 0,
    packed: packed ?? 0,
    offset,
    data: offset + 30 + nameBytes + extraBytes,
  };
}

/** Whether a header is one, and not four bytes of something else: in the middle of other data there are many. */
export function isPlausible({ name, method }: ZipEntry): boolean {
  return (
    name.length > 0 &&
    name.length < 4096 &&
    !name.includes('\0') &&
    (method <= 20 || (method >= 93 && method <= 99))
  );
}

/** Where the next local header stands; -1: nowhere before `to`. */
export function nextLocal(source: Source, from: number, to: number): number {
  return findIn(source, LOCAL, from, to);
}

/** Values of 32 bits that are all ones stand in extra field 1 with 64, in the same order (§4.5.3). */
function wideValues(extra: Buffer, values: readonly number[]): readonly number[] {
  if (!values.includes(NOT_HERE)) return values;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const end = Math.min(extra.length, at + 4 + extra.readUInt16LE(at + 2));
    let place = at + 4;
    return values.map((value) => {
      if (value !== NOT_HERE || place + 8 > end) return value;
      place += 8;
      return Number(extra.readBigUInt64LE(place - 8));
    });
  }
  return values;
}

/** UTF-8 where flag 11 says so; else a code page that nobody names, of which ASCII is what matters. */
function nameOf(bytes: Buffer, flags: number): string {
  return bytes.toString((flags & 0x0800) !== 0 ? 'utf8' : 'latin1');
}
