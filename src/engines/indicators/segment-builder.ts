import { parseNetwork, type Severity } from '../../kernel/index.ts';
import { Fingerprints } from './fingerprints.ts';
import { buildFuseFilter, type FuseFilter } from './fuse-filter.ts';
import { hashKey, type IndicatorKind, keyText, KINDS, SEVERITIES } from './keys.ts';
import { FLAG_ALLOW, RECORD } from './segment-format.ts';

export interface NewEntry {
  readonly kind: IndicatorKind;
  readonly value: string;
  readonly action: 'allow' | 'block';
  readonly category: string;
  readonly severity: Severity;
}

/** Everything of a segment that is computed before it is written. */
export interface BuiltIndex {
  /** Sorted by key, without duplicates. */
  readonly order: Uint32Array;
  readonly duplicates: number;
  readonly bucketBits: number;
  readonly buckets: Uint32Array;
  readonly bucketMax: number;
  readonly filter: FuseFilter;
}

/** A bucket of this size costs one read of a page. */
const BUCKET_RECORDS = 16;
/** Above this an insertion sort is no longer cheap; only crafted lists get there. */
const INSERTION_MAX = 64;

/**
 * Collects the keys of one list in memory, about 60 bytes an entry, and sorts them. Pure: the caller
 * reads and writes.
 */
export class SegmentBuilder {
  #words = new Uint32Array(4 * 1024);
  #category = new Uint16Array(1024);
  #kind = new Uint8Array(1024);
  #flags = new Uint8Array(1024);
  #prints = new Uint32Array(2 * 2048);
  #printCount = 0;
  readonly #categories = new Map<string, number>();
  readonly #fingerprints = new Fingerprints();
  readonly #prefixes = { 4: new Set<number>(), 6: new Set<number>() };
  /** Entries so far, duplicates included. */
  count = 0;

  get categories(): readonly string[] {
    return [...this.#categories.keys()];
  }

  prefixes(family: 4 | 6): readonly number[] {
    return [...this.#prefixes[family]].toSorted((x, y) => y - x);
  }

  add(entry: NewEntry): void {
    if (this.count === this.#kind.length) this.#grow();
    const at = this.count++;
    hashKey(keyText(entry.kind, entry.value), this.#words, at * 4);
    this.#category[at] = this.#categoryOf(entry.category);
    this.#kind[at] = KINDS.indexOf(entry.kind);
    this.#flags[at] = SEVERITIES.indexOf(entry.severity) | (entry.action === 'allow' ? FLAG_ALLOW : 0);
    this.#fingerprint(entry.kind, entry.value);
  }

  kindOf(entry: number): IndicatorKind {
    return KINDS[this.#kind[entry]!]!;
  }

  /** Sorts, drops duplicates and builds the filter. Call once. */
  finish(): BuiltIndex {
    const sorted = this.#sorted();
    const order = this.#withoutDuplicates(sorted);
    const bucketBits = bitsFor(order.length / BUCKET_RECORDS);
    const { buckets, bucketMax } = this.#buckets(order, bucketBits);
    const prints = new BigUint64Array(this.#prints.buffer, 0, this.#printCount);
    prints.sort();
    const unique = compact(this.#prints, this.#printCount);
    const filter = buildFuseFilter(this.#prints, unique);
    return { order, duplicates: this.count - order.length, bucketBits, buckets, bucketMax, filter };
  }

  /** Writes the record of an entry. */
  writeRecord(into: Buffer, at: number, entry: number, addedAtS: number): void {
    for (let word = 0; word < 4; word++) into.writeUInt32BE(this.#words[entry * 4 + word]!, at + word * 4);
    into.writeUInt32LE(entry, at + RECORD.entry);
    into.writeUInt32LE(addedAtS, at + RECORD.addedAt);
    into.writeUInt16LE(this.#category[entry]!, at + RECORD.category);
    into[at + RECORD.kind] = this.#kind[entry]!;
    into[at + RECORD.flags] = this.#flags[entry]!;
  }

  /** Below 0, 0 or above 0, as the key of the entry sorts against a record of a segment. */
  compareWithRecord(entry: number, record: Buffer, at: number): number {
    for (let word = 0; word < 4; word++) {
      const difference = this.#words[entry * 4 + word]! - record.readUInt32BE(at + word * 4);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  #fingerprint(kind: IndicatorKind, value: string): void {
    const network = kind === 'network' ? parseNetwork(value) : undefined;
    if (network !== undefined) this.#prefixes[network.family].add(network.prefix);
    this.#fingerprints.entry(kind, value, network, this.#print);
  }

  readonly #print = (a: number, b: number): void => {
    const at = this.#printCount * 2;
    if (at === this.#prints.length) this.#prints = grown(this.#prints, at * 2);
    this.#prints[at] = a;
    this.#prints[at + 1] = b;
    this.#printCount++;
  };

  #categoryOf(category: string): number {
    const known = this.#categories.get(category);
    if (known !== undefined) return known;
    // A list with more categories than a list of categories can have: the rest share the first one.
    if (this.#categories.size === 65_535) return 0;
    this.#categories.set(category, this.#categories.size);
    return this.#categories.size - 1;
  }

  /** Counting sort by the top bits, then a sort inside each small group: linear for hashed keys. */
  #sorted(): Uint32Array {
    const bits = bitsFor(this.count / 2);
    const starts = new Uint32Array(2 ** bits + 1);
    for (let entry = 0; entry < this.count; entry++) starts[topBits(this.#words[entry * 4]!, bits) + 1]!++;
    for (let group = 1; group < starts.length; group++) starts[group]! += starts[group - 1]!;
    const next = starts.slice();
    const order = new Uint32Array(this.count);
    for (let entry = 0; entry < this.count; entry++)
      order[next[topBits(this.#words[entry * 4]!, bits)]!++] = entry;
    for (let group = 0; group + 1 < starts.length; group++)
      this.#sortGroup(order, starts[group]!, starts[group + 1]!);
    return order;
  }

  #sortGroup(order: Uint32Array, start: number, end: number): void {
    if (end - start > INSERTION_MAX) {
      order.subarray(start, end).sort((x, y) => this.#compare(x, y));
      return;
    }
    for (let at = start + 1; at < end; at++) {
      const entry = order[at]!;
      let hole = at;
      while (hole > start && this.#compare(order[hole - 1]!, entry) > 0) {
        order[hole] = order[hole - 1]!;
        hole--;
      }
      order[hole] = entry;
    }
  }

  /** By key; of equal keys an exception (allow) comes first, then the first one of the list. */
  #compare(x: number, y: number): number {
    const words = this.#words;
    for (let word = 0; word < 4; word++) {
      const difference = words[x * 4 + word]! - words[y * 4 + word]!;
      if (difference !== 0) return difference;
    }
    return (this.#flags[y]! & FLAG_ALLOW) - (this.#flags[x]! & FLAG_ALLOW) || x - y;
  }

  #withoutDuplicates(sorted: Uint32Array): Uint32Array {
    let kept = 0;
    for (const entry of sorted) {
      if (kept === 0 || !this.#isSameKey(sorted[kept - 1]!, entry)) sorted[kept++] = entry;
    }
    return sorted.subarray(0, kept);
  }

  #isSameKey(x: number, y: number): boolean {
    const words = this.#words;
    for (let word = 0; word < 4; word++) if (words[x * 4 + word] !== words[y * 4 + word]) return false;
    return true;
  }

  #buckets(order: Uint32Array, bits: number): { buckets: Uint32Array; bucketMax: number } {
    const buckets = new Uint32Array(2 ** bits + 1);
    for (const entry of order) buckets[topBits(this.#words[entry * 4]!, bits) + 1]!++;
    let bucketMax = 0;
    for (let at = 1; at < buckets.length; at++) {
      bucketMax = Math.max(bucketMax, buckets[at]!);
      buckets[at]! += buckets[at - 1]!;
    }
    return { buckets, bucketMax };
  }

  #grow(): void {
    const size = this.count * 2;
    this.#words = grown(this.#words, size * 4);
    const category = new Uint16Array(size);
    category.set(this.#category);
    this.#category = category;
    const kind = new Uint8Array(size);
    kind.set(this.#kind);
    this.#kind = kind;
    const flags = new Uint8Array(size);
    flags.set(this.#flags);
    this.#flags = flags;
  }
}

/** The bucket of a key, by its first word. */
export function topBits(word: number, bits: number): number {
  return bits === 0 ? 0 : word >>> (32 - bits);
}

function bitsFor(groups: number): number {
  return Math.min(24, Math.max(0, Math.ceil(Math.log2(Math.max(1, groups)))));
}

function grown(words: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(words);
  return larger;
}

/** Drops equal neighbours of sorted pairs; the number that is left. */
function compact(pairs: Uint32Array, count: number): number {
  let kept = 0;
  for (let at = 0; at < count; at++) {
    const a = pairs[at * 2]!;
    const b = pairs[at * 2 + 1]!;
    if (kept > 0 && pairs[kept * 2 - 2] === a && pairs[kept * 2 - 1] === b) continue;
    pairs[kept * 2] = a;
    pairs[kept * 2 + 1] = b;
    kept++;
  }
  return kept;
}
