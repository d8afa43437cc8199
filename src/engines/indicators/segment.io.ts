import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { crc32, inflateSync } from 'node:zlib';
import { messageOf, type Severity } from '../../kernel/index.ts';
import { indicatorErrors } from './errors.ts';
import { FuseFilter, fuseBytes } from './fuse-filter.ts';
import { hashKey, type IndicatorKind, KINDS, SEVERITIES } from './keys.ts';
import { topBits } from './segment-builder.ts';
import {
  BLOCK_ENTRIES,
  decodePrelude,
  FLAG_ALLOW,
  PRELUDE_BYTES,
  RECORD,
  RECORD_BYTES,
  type SectionName,
  type SegmentDirectory,
} from './segment-format.ts';

/** What a source says of a key that it holds. */
export interface Found {
  readonly kind: IndicatorKind;
  readonly action: 'allow' | 'block';
  readonly category: string;
  readonly severity: Severity;
  readonly addedAtS: number;
}

/** An entry as the list had it. */
export interface StoredEntry extends Found {
  readonly value: string;
  readonly note: string;
}

/** Bytes whose checksum is computed at a time; about half a millisecond. */
const VERIFY_BYTES = 1024 * 1024;
/** Answers kept, hits and misses, in two halves of which the older one is dropped. */
const CACHE_HALF = 2048;

/**
 * The look-up half of one feed, open for reading. Filter and bucket index are in memory (about 1.5 bytes
 * a record); records are read with `pread` from the page cache that all edges share. The file stays
 * readable after it was unlinked, until `close`.
 */
export class Segment {
  readonly directory: SegmentDirectory;
  readonly path: string;
  readonly filter: FuseFilter;
  readonly #file: number;
  readonly #values: number;
  readonly #buckets: Uint32Array;
  readonly #bucket: Buffer;
  readonly #words = new Uint32Array(4);
  #isClosed = false;
  #young = new Map<string, Found | undefined>();
  #old = new Map<string, Found | undefined>();

  /** Opens and checks all but the records. Throws `INDICATORS_SEGMENT_DAMAGED`. */
  constructor(feed: string, path: string, valuesPath: string) {
    this.path = path;
    let values = -1;
    const file = openFile(feed, path);
    try {
      values = openFile(feed, valuesPath);
      this.directory = readDirectory(feed, path, file);
      if (fstatSync(values).size !== this.directory.valuesBytes) {
        throw damaged(
          feed,
          valuesPath,
          `it has ${fstatSync(values).size} bytes instead of ${this.directory.valuesBytes}`,
        );
      }
      const buckets = this.#section(file, feed, 'buckets');
      this.#buckets = new Uint32Array(buckets.buffer, buckets.byteOffset, buckets.length / 4);
      this.filter = new FuseFilter(this.directory.filter, this.#section(file, feed, 'filter'));
      this.#bucket = Buffer.alloc(this.directory.bucketMax * RECORD_BYTES);
    } catch (error) {
      closeSync(file);
      if (values >= 0) closeSync(values);
      throw error;
    }
    this.#file = file;
    this.#values = values;
  }

  /** Reads all records once and compares their checksum; never holds the process for long. */
  async verify(): Promise<void> {
    for (const _ of this.#verifySteps()) await setImmediate();
  }

  verifySync(): void {
    for (const _ of this.#verifySteps());
  }

  /** What the feed says of a key. One hash and one read; what was asked lately is remembered. */
  find(key: string): Found | undefined {
    const young = this.#young.get(key);
    if (young !== undefined || this.#young.has(key)) return young;
    const found = this.#old.has(key) ? this.#old.get(key) : this.#read(key);
    if (this.#young.size >= CACHE_HALF) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, found);
    return found;
  }

  /** Walks the records in order beside somebody who asks in order. */
  recordCursor(): RecordCursor {
    return new RecordCursor((into, record) => {
      const length = Math.min(into.length, (this.directory.records - record) * RECORD_BYTES);
      return length <= 0
        ? 0
        : readSync(
            this.#file,
            into,
            0,
            length,
            this.directory.sections.records.offset + record * RECORD_BYTES,
          );
    });
  }

  /** All entries without duplicates, in the order of the list. Takes eight bytes an entry meanwhile. */
  *entries(): Generator<StoredEntry> {
    const { directory } = this;
    const addedAt = new Uint32Array(directory.entries);
    const category = new Uint16Array(directory.entries);
    const flags = new Uint8Array(directory.entries);
    const isLive = new Uint8Array(directory.entries);
    this.recordCursor().each((record, at) => {
      const entry = record.readUInt32LE(at + RECORD.entry);
      addedAt[entry] = record.readUInt32LE(at + RECORD.addedAt);
      category[entry] = record.readUInt16LE(at + RECORD.category);
      flags[entry] = record[at + RECORD.flags]!;
      isLive[entry] = 1;
    });
    let entry = 0;
    for (const stored of this.#texts()) {
      if (isLive[entry] === 1)
        yield { ...stored, ...this.#attributes(category[entry]!, flags[entry]!, addedAt[entry]!) };
      entry++;
    }
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#file);
    closeSync(this.#values);
  }

  #read(key: string): Found | undefined {
    const words = this.#words;
    hashKey(key, words, 0);
    const bucket = topBits(words[0]!, this.directory.bucketBits);
    const first = this.#buckets[bucket]!;
    const length = (this.#buckets[bucket + 1]! - first) * RECORD_BYTES;
    if (length === 0) return undefined;
    const records = this.#bucket;
    readSync(this.#file, records, 0, length, this.directory.sections.records.offset + first * RECORD_BYTES);
    for (let at = 0; at < length; at += RECORD_BYTES) {
      if (
        records.readUInt32BE(at) === words[0] &&
        records.readUInt32BE(at + 4) === words[1] &&
        records.readUInt32BE(at + 8) === words[2] &&
        records.readUInt32BE(at + 12) === words[3]
      ) {
        return {
          kind: KINDS[records[at + RECORD.kind]!]!,
          ...this.#attributes(
            records.readUInt16LE(at + RECORD.category),
            records[at + RECORD.flags]!,
            records.readUInt32LE(at + RECORD.addedAt),
          ),
        };
      }
    }
    return undefined;
  }

  #attributes(category: number, flags: number, addedAtS: number): Omit<Found, 'kind'> {
    return {
      action: (flags & FLAG_ALLOW) === 0 ? 'block' : 'allow',
      category: this.directory.categories[category] ?? '',
      severity: SEVERITIES[flags & 3]!,
      addedAtS,
    };
  }

  *#texts(): Generator<{ kind: IndicatorKind; value: string; note: string }> {
    const { feed, entries } = this.directory;
    const section = this.#section(this.#file, feed, 'blocks');
    const starts = new Float64Array(section.buffer, section.byteOffset, section.length / 8);
    for (let block = 0; block * BLOCK_ENTRIES < entries; block++) {
      const packed = Buffer.alloc(starts[block + 1]! - starts[block]!);
      readSync(this.#values, packed, 0, packed.length, starts[block]!);
      let texts: Buffer;
      try {
        texts = inflateSync(packed);
      } catch (error) {
        throw damaged(feed, this.path, `block ${block} of its values: ${messageOf(error)}`);
      }
      for (let at = 0; at < texts.length;) {
        const valueEnd = at + 5 + texts.readUInt16LE(at + 1);
        const noteEnd = valueEnd + texts.readUInt16LE(at + 3);
        yield {
          kind: KINDS[texts[at]!]!,
          value: texts.toString('latin1', at + 5, valueEnd),
          note: texts.toString('utf8', valueEnd, noteEnd),
        };
        at = noteEnd;
      }
    }
  }

  *#verifySteps(): Generator<void> {
    const { offset, length, crc } = this.directory.sections.records;
    const chunk = Buffer.allocUnsafe(Math.min(VERIFY_BYTES, length));
    let sum = 0;
    for (let done = 0; done < length;) {
      const read = readSync(this.#file, chunk, 0, Math.min(chunk.length, length - done), offset + done);
      if (read === 0) break;
      sum = crc32(chunk.subarray(0, read), sum);
      done += read;
      yield;
    }
    if (sum !== crc) throw damaged(this.directory.feed, this.path, 'the checksum of its records is wrong');
  }

  #section(file: number, feed: string, name: SectionName): Buffer {
    const { offset, length, crc } = this.directory.sections[name];
    // Its own memory, aligned for typed arrays; never a slice of the pool.
    const bytes = Buffer.alloc(length);
    const read = length === 0 ? 0 : readSync(file, bytes, 0, length, offset);
    if (read !== length || crc32(bytes) !== crc)
      throw damaged(feed, this.path, `the checksum of its ${name} is wrong`);
    return bytes;
  }
}

/** Records of a segment in the order of keys, read in chunks. */
export class RecordCursor {
  readonly #read: (into: Buffer, record: number) => number;
  readonly #chunk = Buffer.allocUnsafe(4096 * RECORD_BYTES);
  #record = 0;
  #at = 0;
  #length = 0;

  constructor(read: (into: Buffer, record: number) => number) {
    this.#read = read;
    this.#length = this.#read(this.#chunk, 0);
  }

  /**
   * When the key was first imported, or `undefined`. `compare` gives the order of the asked key and a
   * record; keys must be asked in ascending order.
   */
  addedAtOf(compare: (record: Buffer, at: number) => number): number | undefined {
    for (;;) {
      if (this.#at >= this.#length && !this.#more()) return undefined;
      const order = compare(this.#chunk, this.#at);
      if (order < 0) return undefined;
      this.#at += RECORD_BYTES;
      if (order === 0) return this.#chunk.readUInt32LE(this.#at - RECORD_BYTES + RECORD.addedAt);
    }
  }

  each(visit: (record: Buffer, at: number) => void): void {
    while (this.#at < this.#length || this.#more()) {
      visit(this.#chunk, this.#at);
      this.#at += RECORD_BYTES;
    }
  }

  #more(): boolean {
    this.#record += this.#length / RECORD_BYTES;
    this.#at = 0;
    this.#length = this.#length === 0 ? 0 : this.#read(this.#chunk, this.#record);
    return this.#length > 0;
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
  const fileBytes = fstatSync(file).size;
  const place = decodePrelude(prelude.subarray(0, length), fileBytes);
  if (typeof place === 'string') throw damaged(feed, path, place);
  const text = Buffer.alloc(place.length);
  readSync(file, text, 0, place.length, place.offset);
  if (crc32(text) !== place.crc) throw damaged(feed, path, 'the checksum of its directory is wrong');
  // Our own writer made it and the checksum holds.
  const directory = JSON.parse(text.toString()) as SegmentDirectory;
  if (directory.sections.filter.length !== (directory.records === 0 ? 0 : fuseBytes(directory.filter))) {
    throw damaged(feed, path, 'its filter has the wrong size');
  }
  return directory;
}

function damaged(feed: string, path: string, reason: string): Error {
  return indicatorErrors.INDICATORS_SEGMENT_DAMAGED({ path, feed, reason });
}
