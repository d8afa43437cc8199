import { rmSync } from 'node:fs';
import { OutputFile, readFully } from './files.io.ts';
import { KEY_BYTES, TABLES, type TableName } from './keys.ts';
import { RecordHeap, type RecordStream } from './record-heap.ts';
import { type Duplicates, isSameRecord, recordOrder, RecordSorter } from './record-sorter.ts';
import { RECORD_BYTES } from './segment-format.ts';

/** Records that are sorted in memory at a time, of all tables: about 50 MB with what sorting needs. */
export const RUN_RECORDS = 1_048_576;
/** Records that are read or written at once. */
const CHUNK_RECORDS = 2048;

interface Run {
  readonly offset: number;
  readonly records: number;
}

/**
 * Sorts more records than memory holds: runs are sorted and spilled to a file, and merged at the end. The file
 * is waste for whoever comes after a kill.
 */
export class RunStore {
  readonly #path: string;
  readonly #runRecords: number;
  readonly #duplicates: Duplicates;
  readonly #sorters: Readonly<Record<TableName, RecordSorter>>;
  readonly #runs: Readonly<Record<TableName, Run[]>> = { keys: [], md5: [], sha1: [], sha256: [] };
  #file: OutputFile | undefined;
  #held = 0;
  /** Records that were left out because another one of the same entry counts. */
  duplicates = 0;

  constructor(path: string, duplicates: Duplicates, runRecords = RUN_RECORDS) {
    this.#path = path;
    this.#duplicates = duplicates;
    this.#runRecords = runRecords;
    const sorter = (table: TableName): RecordSorter => new RecordSorter(table, duplicates);
    this.#sorters = {
      keys: sorter('keys'),
      md5: sorter('md5'),
      sha1: sorter('sha1'),
      sha256: sorter('sha256'),
    };
  }

  /** The sorter that takes the next record of a table. */
  into(table: TableName): RecordSorter {
    if (this.#held === this.#runRecords) this.#spill();
    this.#held++;
    return this.#sorters[table];
  }

  /** All records of a table, duplicates included. */
  records(table: TableName): number {
    return this.#runs[table].reduce((sum, run) => sum + run.records, 0) + this.#sorters[table].count;
  }

  /** The records of a table in order, without duplicates. */
  each(table: TableName, visit: (bytes: Uint8Array, at: number) => void): void {
    const order = recordOrder(table, this.#duplicates);
    const streams = this.#runs[table].map((run) => this.#stream(table, run));
    const heap = new RecordHeap([...streams, this.#sorters[table].sorted()], (x, y) =>
      order(x.bytes, x.at, y.bytes, y.at),
    );
    const key = KEY_BYTES[table];
    const size = RECORD_BYTES[table];
    const last = new Uint8Array(size);
    let isFirst = true;
    for (let top = heap.top; top !== undefined; top = heap.top) {
      const { bytes, at } = top;
      if (!isFirst && isSameRecord(last, 0, bytes, at, key)) this.duplicates++;
      else {
        visit(bytes, at);
        for (let byte = 0; byte < size; byte++) last[byte] = bytes[at + byte]!;
        isFirst = false;
      }
      heap.advance();
    }
  }

  destroy(): void {
    this.#file?.close();
    if (this.#file !== undefined) rmSync(this.#path, { force: true });
    this.#file = undefined;
  }

  #spill(): void {
    this.#file ??= new OutputFile(this.#path);
    for (const table of TABLES) {
      const sorter = this.#sorters[table];
      if (sorter.count === 0) continue;
      this.#runs[table].push({ offset: this.#file.length, records: sorter.count });
      const size = RECORD_BYTES[table];
      const chunk = Buffer.allocUnsafe(CHUNK_RECORDS * size);
      let used = 0;
      const sorted = sorter.sorted();
      while (sorted.next()) {
        const { bytes, at } = sorted;
        for (let byte = 0; byte < size; byte++) chunk[used + byte] = bytes[at + byte]!;
        used += size;
        if (used < chunk.length) continue;
        this.#file.write(chunk);
        used = 0;
      }
      this.#file.write(chunk.subarray(0, used));
      sorter.clear();
    }
    this.#held = 0;
  }

  #stream(table: TableName, run: Run): RecordStream {
    const file = this.#file!.descriptor;
    const size = RECORD_BYTES[table];
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_RECORDS, run.records) * size);
    let length = 0;
    let read = 0;
    return {
      bytes: chunk,
      at: 0,
      next(this: { at: number }) {
        this.at = length === 0 ? 0 : this.at + size;
        if (this.at < length) return true;
        const wanted = Math.min(chunk.length, run.records * size - read);
        length = wanted === 0 ? 0 : readFully(file, chunk, 0, wanted, run.offset + read);
        read += length;
        this.at = 0;
        return length > 0;
      },
    };
  }
}
