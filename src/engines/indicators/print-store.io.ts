import { rmSync } from 'node:fs';
import { OutputFile, readFully } from './files.io.ts';
import { filterMix } from './filter-set.ts';
import { buildFuseFilter, type FuseFilter } from './fuse-filter.ts';

/** Fingerprints that one filter is built over at most, as long as the groups are enough: 17 MB meanwhile. */
const FILTER_PRINTS = 1_048_576;
const GROUP_BITS = 6;
const GROUPS = 2 ** GROUP_BITS;
/** Fingerprints of a group that are held before they are spilled. */
const HELD_PRINTS = 4096;
const PRINT_BYTES = 8;

/** Collects fingerprints in groups, spilled to a file, and makes filters out of them one by one. */
export class PrintStore {
  readonly #path: string;
  readonly #held = Array.from({ length: GROUPS }, () => new Uint32Array(0));
  readonly #counts = new Uint32Array(GROUPS);
  readonly #spilled: number[][] = Array.from({ length: GROUPS }, () => []);
  #file: OutputFile | undefined;
  #count = 0;

  constructor(path: string) {
    this.#path = path;
  }

  readonly add = (a: number, b: number): void => {
    const group = filterMix(a, b) >>> (32 - GROUP_BITS);
    let held = this.#held[group]!;
    const at = this.#counts[group]! * 2;
    if (at === held.length) {
      if (at === HELD_PRINTS * 2) return this.#spillAndAdd(group, a, b);
      held = new Uint32Array(Math.max(64, at * 2));
      held.set(this.#held[group]!);
      this.#held[group] = held;
    }
    held[at] = a;
    held[at + 1] = b;
    this.#counts[group]!++;
    this.#count++;
  };

  /** Filters in the order of what `FilterSet` takes; a power of two of them. */
  *filters(): Generator<FuseFilter> {
    const bits = Math.min(GROUP_BITS, Math.max(0, Math.ceil(Math.log2(this.#count / FILTER_PRINTS))));
    const groupsEach = 2 ** (GROUP_BITS - bits);
    for (let first = 0; first < GROUPS; first += groupsEach) {
      const prints = this.#gather(first, groupsEach);
      new BigUint64Array(prints.buffer, 0, prints.length / 2).sort();
      yield buildFuseFilter(prints, compact(prints));
    }
  }

  destroy(): void {
    this.#file?.close();
    if (this.#file !== undefined) rmSync(this.#path, { force: true });
    this.#file = undefined;
  }

  #spillAndAdd(group: number, a: number, b: number): void {
    this.#file ??= new OutputFile(this.#path);
    this.#spilled[group]!.push(this.#file.length);
    this.#file.write(new Uint8Array(this.#held[group]!.buffer));
    this.#counts[group] = 0;
    this.add(a, b);
  }

  #gather(first: number, groups: number): Uint32Array<ArrayBuffer> {
    let count = 0;
    for (let group = first; group < first + groups; group++)
      count += this.#spilled[group]!.length * HELD_PRINTS + this.#counts[group]!;
    const prints = new Uint32Array(count * 2);
    const bytes = new Uint8Array(prints.buffer);
    let at = 0;
    for (let group = first; group < first + groups; group++) {
      for (const offset of this.#spilled[group]!) {
        at += readFully(this.#file!.descriptor, bytes, at, HELD_PRINTS * PRINT_BYTES, offset);
      }
      prints.set(this.#held[group]!.subarray(0, this.#counts[group]! * 2), at / 4);
      at += this.#counts[group]! * PRINT_BYTES;
    }
    return prints;
  }
}

/** Drops equal neighbors of sorted pairs; the number that is left. */
function compact(pairs: Uint32Array): number {
  let kept = 0;
  for (let at = 0; at < pairs.length; at += 2) {
    const a = pairs[at]!;
    const b = pairs[at + 1]!;
    if (kept > 0 && pairs[kept * 2 - 2] === a && pairs[kept * 2 - 1] === b) continue;
    pairs[kept * 2] = a;
    pairs[kept * 2 + 1] = b;
    kept++;
  }
  return kept;
}
