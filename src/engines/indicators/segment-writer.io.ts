import { fsyncSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { AttributeSet } from './attributes.ts';
import { OutputFile } from './files.io.ts';
import type { FuseShape } from './fuse-filter.ts';
import { type IndicatorKind, KEY_BYTES, KINDS, noKinds, type TableName } from './keys.ts';
import type { PrintStore } from './print-store.io.ts';
import {
  bitsFor,
  bucketOf,
  encodePrelude,
  FLAG_REMOVED,
  PRELUDE_BYTES,
  RECORD_BYTES,
  type Section,
  type SegmentDirectory,
  type SegmentTable,
  TAIL,
} from './segment-format.ts';

/** A bucket of this size costs one read of a page. */
const BUCKET_RECORDS = 16;
/** Records that are written at once. */
const CHUNK_RECORDS = 8192;

/** What a segment says of itself besides its records. */
export interface SegmentFacts {
  readonly feed: string;
  readonly entries: number;
  readonly baseS: number;
  readonly sets: readonly AttributeSet[];
  readonly prefixes4: readonly number[];
  readonly prefixes6: readonly number[];
  readonly prints: PrintStore;
  readonly blocks: Float64Array;
  readonly valuesBytes: number;
}

/**
 * Writes the segment of a layer from records that come sorted. Nothing refers to the file before the manifest
 * does, so an interrupted writer leaves only waste.
 */
export class SegmentWriter {
  readonly #file: OutputFile;
  readonly #tables: SegmentTable[] = [];
  readonly #kinds: Record<IndicatorKind, number> = noKinds();
  #removed = 0;
  #sectionStart = 0;
  #sectionCrc = 0;

  constructor(path: string) {
    this.#file = new OutputFile(path);
    this.#file.length = PRELUDE_BYTES;
  }

  /** Writes one table of at most `most` records; `each` hands them over in order. */
  table(
    name: TableName,
    most: number,
    each: (record: (bytes: Uint8Array, at: number) => void) => void,
  ): void {
    const size = RECORD_BYTES[name];
    const kindAt = KEY_BYTES[name] + TAIL.kind;
    const flagsAt = KEY_BYTES[name] + TAIL.flags;
    const bucketBits = bitsFor(most / BUCKET_RECORDS);
    const buckets = new Uint32Array(2 ** bucketBits + 1);
    const chunk = Buffer.allocUnsafe(CHUNK_RECORDS * size);
    let used = 0;
    let records = 0;
    this.#begin();
    each((bytes, at) => {
      for (let byte = 0; byte < size; byte++) chunk[used + byte] = bytes[at + byte]!;
      buckets[bucketOf(chunk, used, bucketBits) + 1]!++;
      if ((chunk[used + flagsAt]! & FLAG_REMOVED) === 0) this.#kinds[KINDS[chunk[used + kindAt]!]!]++;
      else this.#removed++;
      records++;
      used += size;
      if (used < chunk.length) return;
      this.#write(chunk);
      used = 0;
    });
    this.#write(chunk.subarray(0, used));
    const recordsAt = this.#end();
    if (records === 0) return;
    for (let at = 1; at < buckets.length; at++) buckets[at]! += buckets[at - 1]!;
    const bucketsAt = this.#section(bytesOf(buckets));
    this.#tables.push({ name, records, bucketBits, recordsAt, bucketsAt });
  }

  finish({ prints, blocks, ...facts }: SegmentFacts): SegmentDirectory {
    const filters: FuseShape[] = [];
    this.#begin();
    for (const filter of prints.filters()) {
      filters.push(filter.shape);
      this.#write(filter.bytes);
    }
    const filterAt = this.#end();
    const blocksAt = this.#section(bytesOf(blocks));
    const directory: SegmentDirectory = {
      ...facts,
      tables: this.#tables,
      kinds: this.#kinds,
      removed: this.#removed,
      filters,
      filterAt,
      blocksAt,
    };
    const text = Buffer.from(JSON.stringify(directory));
    const offset = this.#file.length;
    this.#file.write(text);
    this.#file.writeAt(encodePrelude(text, offset), 0);
    fsyncSync(this.#file.descriptor);
    this.#file.close();
    return directory;
  }

  /** Closes the file after a failure. */
  destroy(): void {
    this.#file.close();
  }

  #section(bytes: Uint8Array): Section {
    this.#begin();
    this.#write(bytes);
    return this.#end();
  }

  #begin(): void {
    // Aligned, so that a reader can put typed arrays over what it has read.
    this.#file.length = Math.ceil(this.#file.length / 8) * 8;
    this.#sectionStart = this.#file.length;
    this.#sectionCrc = 0;
  }

  #write(bytes: Uint8Array): void {
    this.#sectionCrc = crc32(bytes, this.#sectionCrc);
    this.#file.write(bytes);
  }

  #end(): Section {
    const offset = this.#sectionStart;
    return { offset, length: this.#file.length - offset, crc: this.#sectionCrc };
  }
}

function bytesOf(array: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
