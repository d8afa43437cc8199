import { compareKeys, KEY_BYTES, type TableName } from './keys.ts';
import type { RecordStream } from './record-heap.ts';
import { bitsFor, bucketOf, FLAG_ALLOW, FLAG_REMOVED, RECORD_BYTES, TAIL } from './segment-format.ts';

/** Above this an insertion sort is no longer cheap; only crafted lists get there. */
const INSERTION_MAX = 64;

/**
 * How equal keys of one kind are sorted; the first one counts. `first`: an exception (allow), then the first of
 * the list. `last`: the last of the list, for lists that are logs of changes.
 */
export type Duplicates = 'first' | 'last';

/** Compares records by key, kind and what `duplicates` says. */
export function recordOrder(
  table: TableName,
  duplicates: Duplicates,
): (a: Uint8Array, at: number, b: Uint8Array, bt: number) => number {
  const key = KEY_BYTES[table];
  return (a, at, b, bt) => {
    const difference = compareKeys(a, at, b, bt, key) || a[at + key + TAIL.kind]! - b[bt + key + TAIL.kind]!;
    if (difference !== 0) return difference;
    const entries = word(a, at + key + TAIL.entry) - word(b, bt + key + TAIL.entry);
    const flags = a[at + key + TAIL.flags]!;
    const otherFlags = b[bt + key + TAIL.flags]!;
    // What takes out has the number of the entry that follows it.
    const removals = (flags & FLAG_REMOVED) - (otherFlags & FLAG_REMOVED);
    if (duplicates === 'last') return -entries || removals;
    return (otherFlags & FLAG_ALLOW) - (flags & FLAG_ALLOW) || entries || -removals;
  };
}

/** Whether two records are of the same entry. */
export function isSameRecord(
  a: Uint8Array,
  at: number,
  b: Uint8Array,
  bt: number,
  keyBytes: number,
): boolean {
  const kind = keyBytes + TAIL.kind;
  return a[at + kind] === b[bt + kind] && compareKeys(a, at, b, bt, keyBytes) === 0;
}

/** Records of one table in memory, collected and then sorted. Pure. */
export class RecordSorter {
  readonly #size: number;
  readonly #order: (a: Uint8Array, at: number, b: Uint8Array, bt: number) => number;
  #bytes: Uint8Array;
  count = 0;

  constructor(table: TableName, duplicates: Duplicates) {
    this.#size = RECORD_BYTES[table];
    this.#order = recordOrder(table, duplicates);
    this.#bytes = new Uint8Array(256 * this.#size);
  }

  /** Room for one more record, to be written at the answer in `bytes`. */
  add(): number {
    const at = this.count * this.#size;
    if (at === this.#bytes.length) {
      const larger = new Uint8Array(at * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.count++;
    return at;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  clear(): void {
    this.count = 0;
  }

  /** The records in order, as a stream over this memory; valid until the next `add`. */
  sorted(): RecordStream {
    const order = this.#sorted();
    const size = this.#size;
    let done = 0;
    return {
      bytes: this.#bytes,
      at: 0,
      next(this: { at: number }) {
        if (done === order.length) return false;
        this.at = order[done++]! * size;
        return true;
      },
    };
  }

  /** Counting sort by the top bits, then a sort inside each small group: linear for hashed keys. */
  #sorted(): Uint32Array {
    const bytes = this.#bytes;
    const size = this.#size;
    const bits = bitsFor(this.count / 2);
    const starts = new Uint32Array(2 ** bits + 1);
    for (let record = 0; record < this.count; record++) starts[bucketOf(bytes, record * size, bits) + 1]!++;
    for (let group = 1; group < starts.length; group++) starts[group]! += starts[group - 1]!;
    const next = starts.slice();
    const order = new Uint32Array(this.count);
    for (let record = 0; record < this.count; record++)
      order[next[bucketOf(bytes, record * size, bits)]!++] = record;
    for (let group = 0; group + 1 < starts.length; group++)
      this.#sortGroup(order, starts[group]!, starts[group + 1]!);
    return order;
  }

  #sortGroup(order: Uint32Array, start: number, end: number): void {
    if (end - start < 2) return;
    if (end - start > INSERTION_MAX) {
      order.subarray(start, end).sort((x, y) => this.#compare(x, y));
      return;
    }
    for (let at = start + 1; at < end; at++) {
      const record = order[at]!;
      let hole = at;
      while (hole > start && this.#compare(order[hole - 1]!, record) > 0) {
        order[hole] = order[hole - 1]!;
        hole--;
      }
      order[hole] = record;
    }
  }

  #compare(x: number, y: number): number {
    return this.#order(this.#bytes, x * this.#size, this.#bytes, y * this.#size);
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
