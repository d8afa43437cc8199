import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { messageOf } from '../../kernel/index.ts';
import type { AttributeSet } from './attributes.ts';
import { indicatorErrors } from './errors.ts';
import { closeLater, readFully } from './files.io.ts';
import { filterBytes, FilterSet } from './filter-set.ts';
import { compareKeys, type IndicatorKind, type Key, KEY_BYTES, KINDS, type TableName } from './keys.ts';
import { RecordCursor } from './record-cursor.io.ts';
import {
  bucketOf,
  decodePrelude,
  expirySeconds,
  FLAG_REMOVED,
  PRELUDE_BYTES,
  RECORD_BYTES,
  type Section,
  type SegmentDirectory,
  type SegmentTable,
  TAIL,
} from './segment-format.ts';
import { ValuesReader } from './values-reader.io.ts';

/** What a layer says of a key that it knows: one for each kind. */
export interface Found {
  readonly kind: IndicatorKind;
  /** It was taken out: older layers are not asked. */
  readonly isRemoved: boolean;
  readonly set: AttributeSet;
  readonly addedAtS: number;
  readonly expiresAtS: number | undefined;
  /** Its number among the texts of the layer. */
  readonly entry: number;
}

export const NOT_FOUND: readonly Found[] = Object.freeze([]);

/** Bytes that are read and summed up at a time; well under a millisecond. */
const STEP_BYTES = 256 * 1024;
/** Answers kept, hits and misses, in two halves of which the older one is dropped. */
const CACHE_HALF = 2048;
/** A larger bucket is searched by halves first. Hashes of a crafted list may all be in one. */
const WINDOW_RECORDS = 64;

interface Table {
  readonly at: SegmentTable;
  readonly size: number;
  readonly buckets: Uint32Array;
}

/**
 * The look-up half of one layer of a feed, open for reading. Filters and bucket indexes are in memory (about
 * 1.6 bytes a record); records are read with `pread` from the page cache that all edges share. The files stay
 * readable after they were unlinked, until everybody who retained them has let go.
 */
export class Segment {
  readonly directory: SegmentDirectory;
  readonly path: string;
  readonly filter: FilterSet;
  readonly values: ValuesReader;
  readonly #file: number;
  readonly #tables: ReadonlyMap<TableName, Table>;
  readonly #window: Buffer;
  #users = 1;
  #young = new Map<string, readonly Found[]>();
  #old = new Map<string, readonly Found[]>();

  private constructor(
    path: string,
    file: number,
    directory: SegmentDirectory,
    parts: { filter: FilterSet; values: ValuesReader; tables: ReadonlyMap<TableName, Table> },
  ) {
    this.path = path;
    this.directory = directory;
    this.filter = parts.filter;
    this.values = parts.values;
    this.#file = file;
    this.#tables = parts.tables;
    const sizes = directory.tables.map((table) => RECORD_BYTES[table.name]);
    this.#window = Buffer.alloc((WINDOW_RECORDS + KINDS.length) * Math.max(0, ...sizes));
  }

  /** Opens and checks everything, in steps that each take less than a millisecond or two. Throws `INDICATORS_SEGMENT_DAMAGED`. */
  static async open(feed: string, path: string, valuesPath: string): Promise<Segment> {
    const steps = Segment.#opening(feed, path, valuesPath);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      await setImmediate();
    }
  }

  /** The same at once. */
  static openSync(feed: string, path: string, valuesPath: string): Segment {
    const steps = Segment.#opening(feed, path, valuesPath);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }

  /** What the layer says of a key. One hash and one read; what was asked lately is remembered. */
  find(key: Key): readonly Found[] {
    const young = this.#young.get(key.text);
    if (young !== undefined) return young;
    const found = this.#old.get(key.text) ?? this.read(key);
    if (this.#young.size >= CACHE_HALF) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key.text, found);
    return found;
  }

  /** The same without remembering. */
  read(key: Key): readonly Found[] {
    const table = this.#tables.get(key.table);
    if (table === undefined) return NOT_FOUND;
    const { bytes } = key;
    const keyBytes = KEY_BYTES[key.table];
    const bucket = bucketOf(bytes, 0, table.at.bucketBits);
    let low = table.buckets[bucket]!;
    const end = table.buckets[bucket + 1]!;
    let high = end;
    while (high - low > WINDOW_RECORDS) {
      const middle = (low + high) >>> 1;
      this.#readRecords(table, middle, 1);
      if (compareKeys(this.#window, 0, bytes, 0, keyBytes) < 0) low = middle + 1;
      else high = middle;
    }
    // Where it was searched by halves, equal keys may go on after `high`: one for each kind.
    const count = Math.min(end, high + KINDS.length) - low;
    if (count <= 0) return NOT_FOUND;
    this.#readRecords(table, low, count);
    let found: Found[] | undefined;
    for (let at = 0; at < count * table.size; at += table.size) {
      if (compareKeys(this.#window, at, bytes, 0, keyBytes) !== 0) continue;
      found ??= [];
      found.push(this.foundAt(this.#window, at + keyBytes));
    }
    return found ?? NOT_FOUND;
  }

  /** What a record says, from its tail. */
  foundAt(bytes: Buffer, tail: number): Found {
    const { sets, baseS } = this.directory;
    return {
      kind: KINDS[bytes[tail + TAIL.kind]!]!,
      isRemoved: (bytes[tail + TAIL.flags]! & FLAG_REMOVED) !== 0,
      set: sets[bytes.readUInt16LE(tail + TAIL.set)] ?? sets[0]!,
      addedAtS: bytes.readUInt32LE(tail + TAIL.addedAt),
      expiresAtS: expirySeconds(bytes.readUInt16LE(tail + TAIL.expiry), baseS),
      entry: bytes.readUInt32LE(tail + TAIL.entry),
    };
  }

  /** Walks the records of a table in order. */
  cursor(table: TableName): RecordCursor {
    const known = this.#tables.get(table);
    return new RecordCursor({
      file: this.#file,
      table,
      offset: known?.at.recordsAt.offset ?? 0,
      records: known?.at.records ?? 0,
      buckets: known?.buckets ?? new Uint32Array(2),
      bucketBits: known?.at.bucketBits ?? 0,
    });
  }

  /** Keeps the files open until `release`, whatever happens meanwhile. */
  retain(): void {
    this.#users++;
  }

  release(): void {
    this.#users--;
    if (this.#users > 0) return;
    closeLater(this.#file);
    this.values.close();
  }

  #readRecords(table: Table, first: number, count: number): void {
    readSync(this.#file, this.#window, 0, count * table.size, table.at.recordsAt.offset + first * table.size);
  }

  static *#opening(feed: string, path: string, valuesPath: string): Generator<void, Segment> {
    const file = openFile(feed, path);
    let values: ValuesReader | undefined;
    try {
      const directory = readDirectory(feed, path, file);
      const sections = new SectionReader(feed, path, file);
      const tables = new Map<TableName, Table>();
      for (const at of directory.tables) {
        const bytes = yield* sections.read(at.bucketsAt, `buckets of ${at.name}`);
        const buckets = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
        tables.set(at.name, { at, size: RECORD_BYTES[at.name], buckets });
        yield* sections.check(at.recordsAt, `records of ${at.name}`);
      }
      const filter = new FilterSet(directory.filters, yield* sections.read(directory.filterAt, 'filter'));
      const blocks = yield* sections.read(directory.blocksAt, 'blocks');
      values = new ValuesReader(openFile(feed, valuesPath), valuesPath, directory, blocks);
      values.check();
      return new Segment(path, file, directory, { filter, values, tables });
    } catch (error) {
      closeSync(file);
      values?.close();
      throw error;
    }
  }
}

class SectionReader {
  readonly #feed: string;
  readonly #path: string;
  readonly #file: number;

  constructor(feed: string, path: string, file: number) {
    this.#feed = feed;
    this.#path = path;
    this.#file = file;
  }

  /** Its own memory, aligned for typed arrays; pages are touched as they are read, not all at once. */
  *read(section: Section, name: string): Generator<void, Buffer> {
    const bytes = Buffer.allocUnsafeSlow(section.length);
    let sum = 0;
    for (let done = 0; done < section.length; done += STEP_BYTES) {
      const length = Math.min(STEP_BYTES, section.length - done);
      const read = readFully(this.#file, bytes, done, length, section.offset + done);
      sum = crc32(bytes.subarray(done, done + read), sum);
      yield;
    }
    this.#compare(sum, section, name);
    return bytes;
  }

  /** Reads it once and forgets it. */
  *check(section: Section, name: string): Generator<void> {
    const chunk = Buffer.allocUnsafeSlow(Math.min(STEP_BYTES, section.length));
    let sum = 0;
    for (let done = 0; done < section.length; done += chunk.length) {
      const length = Math.min(chunk.length, section.length - done);
      const read = readFully(this.#file, chunk, 0, length, section.offset + done);
      sum = crc32(chunk.subarray(0, read), sum);
      yield;
    }
    this.#compare(sum, section, name);
  }

  #compare(sum: number, section: Section, name: string): void {
    if (sum !== section.crc) throw damaged(this.#feed, this.#path, `the checksum of its ${name} is wrong`);
  }
}

function openFile(feed: string, path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw indicatorErrors.INDICATORS_SEGMENT_DAMAGED(
      { path, feed, reason: messageOf(error) },
      { cause: error },
    );
  }
}

function readDirectory(feed: string, path: string, file: number): SegmentDirectory {
  const prelude = Buffer.alloc(PRELUDE_BYTES);
  const length = readSync(file, prelude, 0, PRELUDE_BYTES, 0);
  const place = decodePrelude(prelude.subarray(0, length), fstatSync(file).size);
  if (typeof place === 'string') throw damaged(feed, path, place);
  const text = Buffer.alloc(place.length);
  readFully(file, text, 0, place.length, place.offset);
  if (crc32(text) !== place.crc) throw damaged(feed, path, 'the checksum of its directory is wrong');
  // Our own writer made it and the checksum holds.
  const directory = JSON.parse(text.toString()) as SegmentDirectory;
  const filters = directory.filters.reduce((sum, shape) => sum + filterBytes(shape), 0);
  if (filters !== directory.filterAt.length) throw damaged(feed, path, 'its filter has the wrong size');
  return directory;
}

function damaged(feed: string, path: string, reason: string): Error {
  return indicatorErrors.INDICATORS_SEGMENT_DAMAGED({ path, feed, reason });
}
