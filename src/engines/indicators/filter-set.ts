import { FuseFilter, fuseBytes, type FuseShape } from './fuse-filter.ts';

/** The top bits of this pick the filter of a fingerprint. */
export function filterMix(a: number, b: number): number {
  return Math.imul(a ^ (b >>> 7), 0x9e3779b1) ^ Math.imul(b, 0xc2b2ae35);
}

/** One filter over all fingerprints of a segment, built and kept in parts. Immutable. */
export class FilterSet {
  readonly #filters: readonly FuseFilter[];
  readonly #first: FuseFilter;
  readonly #shift: number;

  /** `shapes` is a power of two of them, `bytes` their arrays one after the other. */
  constructor(shapes: readonly FuseShape[], bytes: Uint8Array) {
    let at = 0;
    this.#filters = shapes.map((shape) => {
      const length = filterBytes(shape);
      at += length;
      return new FuseFilter(shape, bytes.subarray(at - length, at));
    });
    this.#first = this.#filters[0]!;
    this.#shift = 32 - Math.log2(shapes.length);
  }

  /** Whether the fingerprint may be held. Allocates nothing. */
  has(a: number, b: number): boolean {
    // A shift by 32 would be one by 0.
    if (this.#shift === 32) return this.#first.has(a, b);
    return this.#filters[filterMix(a, b) >>> this.#shift]!.has(a, b);
  }
}

/** Bytes of a filter; an empty one has none. */
export function filterBytes(shape: FuseShape): number {
  return shape.segmentCount === 0 ? 0 : fuseBytes(shape);
}
