import { readFully } from './files.io.ts';
import { compareKeys, KEY_BYTES, type TableName } from './keys.ts';
import type { RecordStream } from './record-heap.ts';
import { bucketOf, RECORD_BYTES, TAIL } from './segment-format.ts';

const CHUNK_RECORDS = 2048;

export interface RecordsOf {
  readonly file: number;
  readonly table: TableName;
  readonly offset: number;
  readonly records: number;
  readonly buckets: Uint32Array;
  readonly bucketBits: number;
}

/** The records of one table of a segment in order, read in chunks; jumps ahead by the buckets. */
export class RecordCursor implements RecordStream {
  readonly bytes: Buffer;
  readonly size: number;
  readonly keyBytes: number;
  readonly #of: RecordsOf;
  at = 0;
  /** The record that the chunk starts with, and the bytes of the chunk. */
  #first = 0;
  #length = 0;

  constructor(of: RecordsOf) {
    this.#of = of;
    this.size = RECORD_BYTES[of.table];
    this.keyBytes = KEY_BYTES[of.table];
    this.bytes = Buffer.allocUnsafe(Math.min(CHUNK_RECORDS, of.records) * this.size);
    this.at = -this.size;
  }

  next(): boolean {
    this.at += this.size;
    return this.at < this.#length || this.#load(this.#first + this.#length / this.size);
  }

  /**
   * Moves on to the first record that is not below the wanted one by key and kind; `false` when there is none.
   * Wanted ones must come in ascending order.
   */
  seek(wanted: Uint8Array, at: number): boolean {
    if (this.at < 0 && !this.next()) return false;
    if (this.at >= this.#length) return false;
    const start = this.#of.buckets[bucketOf(wanted, at, this.#of.bucketBits)]!;
    if (start >= this.#first + this.#length / this.size) {
      if (!this.#load(start)) return false;
    } else if (start > this.#first + this.at / this.size) this.at = (start - this.#first) * this.size;
    while (this.#compare(wanted, at) < 0) if (!this.next()) return false;
    return true;
  }

  /** Whether the current record is of the wanted entry. */
  isAt(wanted: Uint8Array, at: number): boolean {
    return this.at >= 0 && this.at < this.#length && this.#compare(wanted, at) === 0;
  }

  #compare(wanted: Uint8Array, at: number): number {
    const { bytes, keyBytes } = this;
    return (
      compareKeys(bytes, this.at, wanted, at, keyBytes) ||
      bytes[this.at + keyBytes + TAIL.kind]! - wanted[at + keyBytes + TAIL.kind]!
    );
  }

  #load(first: number): boolean {
    const { file, offset, records } = this.#of;
    const length = Math.min(this.bytes.length, (records - first) * this.size);
    this.#first = first;
    this.#length = length <= 0 ? 0 : readFully(file, this.bytes, 0, length, offset + first * this.size);
    this.at = 0;
    return this.#length > 0;
  }
}
