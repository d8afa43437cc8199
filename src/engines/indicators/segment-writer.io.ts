import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import { KINDS, type IndicatorKind } from './keys.ts';
import type { NewEntry } from './segment-builder.ts';
import { SegmentBuilder } from './segment-builder.ts';
import {
  BLOCK_ENTRIES,
  encodePrelude,
  PRELUDE_BYTES,
  RECORD_BYTES,
  type Section,
  type SectionName,
  type SegmentDirectory,
  VALUES_MAGIC,
} from './segment-format.ts';
import type { Segment } from './segment.io.ts';

/** Records of a chunk that is written at once. */
const CHUNK_RECORDS = 16_384;

/**
 * Writes one feed: values while entries come in, the segment at the end. Nothing refers to the files
 * before the manifest does, so an interrupted writer leaves only waste.
 */
export class SegmentWriter {
  readonly #feed: string;
  readonly #segmentPath: string;
  readonly #values: ValuesWriter;
  readonly #builder = new SegmentBuilder();

  constructor(feed: string, segmentPath: string, valuesPath: string) {
    this.#feed = feed;
    this.#segmentPath = segmentPath;
    this.#values = new ValuesWriter(valuesPath);
  }

  get count(): number {
    return this.#builder.count;
  }

  add(entry: NewEntry, note: string): void {
    this.#builder.add(entry);
    this.#values.add(KINDS.indexOf(entry.kind), entry.value, note);
  }

  /** `previous`: the segment that this one replaces; what it knows already keeps its age. */
  finish(nowS: number, previous: Segment | undefined): { directory: SegmentDirectory; duplicates: number } {
    const blocks = this.#values.finish();
    const index = this.#builder.finish();
    const file = openSync(this.#segmentPath, 'wx', 0o600);
    try {
      const writer = new SectionWriter(file);
      const kinds: Record<IndicatorKind, number> = { domain: 0, host: 0, url: 0, address: 0, network: 0 };
      const known = previous?.recordCursor();
      writer.begin('records');
      const chunk = Buffer.allocUnsafe(CHUNK_RECORDS * RECORD_BYTES);
      for (let start = 0; start < index.order.length; start += CHUNK_RECORDS) {
        const end = Math.min(index.order.length, start + CHUNK_RECORDS);
        for (let at = start; at < end; at++) {
          const entry = index.order[at]!;
          kinds[this.#builder.kindOf(entry)]++;
          const addedAtS =
            known?.addedAtOf((record, offset) => this.#builder.compareWithRecord(entry, record, offset)) ??
            nowS;
          this.#builder.writeRecord(chunk, (at - start) * RECORD_BYTES, entry, addedAtS);
        }
        writer.write(chunk.subarray(0, (end - start) * RECORD_BYTES));
      }
      writer.begin('buckets');
      writer.write(bytesOf(index.buckets));
      writer.begin('filter');
      writer.write(index.filter.bytes);
      writer.begin('blocks');
      writer.write(bytesOf(blocks));
      const directory: SegmentDirectory = {
        feed: this.#feed,
        records: index.order.length,
        entries: this.#builder.count,
        bucketBits: index.bucketBits,
        bucketMax: index.bucketMax,
        categories: this.#builder.categories,
        kinds,
        prefixes4: this.#builder.prefixes(4),
        prefixes6: this.#builder.prefixes(6),
        filter: index.filter.shape,
        sections: writer.end(),
        valuesBytes: blocks.at(-1) ?? VALUES_MAGIC.length,
      };
      writer.writeDirectory(Buffer.from(JSON.stringify(directory)));
      fsyncSync(file);
      return { directory, duplicates: index.duplicates };
    } finally {
      closeSync(file);
    }
  }

  /** Closes the values file after a failure. */
  destroy(): void {
    this.#values.destroy();
  }
}

class SectionWriter {
  readonly #file: number;
  readonly #sections = new Map<SectionName, Section>();
  #offset = PRELUDE_BYTES;
  #current: { name: SectionName; offset: number; crc: number } | undefined;

  constructor(file: number) {
    this.#file = file;
  }

  begin(name: SectionName): void {
    this.#close();
    // Aligned, so that a reader can put typed arrays over what it has read.
    this.#offset = Math.ceil(this.#offset / 8) * 8;
    this.#current = { name, offset: this.#offset, crc: 0 };
  }

  write(bytes: Uint8Array): void {
    if (this.#current !== undefined) this.#current.crc = crc32(bytes, this.#current.crc);
    writeFully(this.#file, bytes, this.#offset);
    this.#offset += bytes.length;
  }

  end(): Record<SectionName, Section> {
    this.#close();
    const section = (name: SectionName): Section =>
      this.#sections.get(name) ?? { offset: 0, length: 0, crc: 0 };
    return {
      records: section('records'),
      buckets: section('buckets'),
      filter: section('filter'),
      blocks: section('blocks'),
    };
  }

  writeDirectory(directory: Buffer): void {
    writeFully(this.#file, directory, this.#offset);
    writeFully(this.#file, encodePrelude(directory, this.#offset), 0);
  }

  #close(): void {
    if (this.#current === undefined) return;
    const { name, offset, crc } = this.#current;
    this.#sections.set(name, { offset, length: this.#offset - offset, crc });
    this.#current = undefined;
  }
}

/** Texts of entries in the order of the list: kind, two lengths, value, note; deflated in blocks. */
class ValuesWriter {
  readonly #file: number;
  readonly #starts: number[] = [VALUES_MAGIC.length];
  #offset = VALUES_MAGIC.length;
  #block = Buffer.allocUnsafe(64 * 1024);
  #used = 0;
  #entries = 0;
  #isOpen = true;

  constructor(path: string) {
    this.#file = openSync(path, 'wx', 0o600);
    writeFully(this.#file, Buffer.from(VALUES_MAGIC, 'latin1'), 0);
  }

  add(kind: number, value: string, note: string): void {
    const most = 5 + 3 * (value.length + note.length);
    if (this.#used + most > this.#block.length) {
      const larger = Buffer.allocUnsafe((this.#used + most) * 2);
      this.#block.copy(larger, 0, 0, this.#used);
      this.#block = larger;
    }
    const block = this.#block;
    const at = this.#used;
    // Values are ASCII: canonical. Notes are any text.
    const valueBytes = block.write(value, at + 5, 'latin1');
    const noteBytes = note === '' ? 0 : block.write(note, at + 5 + valueBytes);
    block[at] = kind;
    block.writeUInt16LE(valueBytes, at + 1);
    block.writeUInt16LE(noteBytes, at + 3);
    this.#used = at + 5 + valueBytes + noteBytes;
    if (++this.#entries === BLOCK_ENTRIES) this.#flush();
  }

  finish(): Float64Array {
    this.#flush();
    fsyncSync(this.#file);
    this.destroy();
    return Float64Array.from(this.#starts);
  }

  destroy(): void {
    if (this.#isOpen) closeSync(this.#file);
    this.#isOpen = false;
  }

  #flush(): void {
    if (this.#entries === 0) return;
    // Level 1: three times as fast as the default for a tenth more bytes.
    const packed = deflateSync(this.#block.subarray(0, this.#used), { level: 1 });
    writeFully(this.#file, packed, this.#offset);
    this.#offset += packed.length;
    this.#starts.push(this.#offset);
    this.#used = 0;
    this.#entries = 0;
  }
}

function writeFully(file: number, bytes: Uint8Array, offset: number): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(file, bytes, done, bytes.length - done, offset + done);
}

function bytesOf(array: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
