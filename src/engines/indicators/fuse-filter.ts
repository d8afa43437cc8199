import { indicatorErrors } from './errors.ts';

/**
 * Binary fuse filter with 8-bit fingerprints and three probes (Graf and Lemire, "Binary Fuse Filters:
 * Fast and Smaller Than Xor Filters", 2022): 9 bits a key, answers "maybe" for 0.4 % of what it does
 * not hold, never "no" for what it does. Immutable.
 */
export interface FuseShape {
  readonly seed: number;
  /** A power of two. */
  readonly segmentLength: number;
  readonly segmentCount: number;
}

export class FuseFilter {
  readonly shape: FuseShape;
  readonly bytes: Uint8Array;
  readonly #seed: number;
  readonly #length: number;
  readonly #mask: number;
  readonly #countLength: number;

  constructor(shape: FuseShape, bytes: Uint8Array) {
    this.shape = shape;
    this.bytes = bytes;
    this.#seed = shape.seed;
    this.#length = shape.segmentLength;
    this.#mask = shape.segmentLength - 1;
    this.#countLength = shape.segmentCount * shape.segmentLength;
  }

  /** Whether the key of the two halves may be held. Allocates nothing. */
  has(a: number, b: number): boolean {
    const bytes = this.bytes;
    if (bytes.length === 0) return false;
    // The same as `placesOf`, by hand: this is the hottest code of a look-up.
    let low = Math.imul(b ^ this.#seed ^ (a >>> 15), MIX_1);
    let high = Math.imul(a ^ (low >>> 13), MIX_2);
    low ^= Math.imul(high ^ (high >>> 16), MIX_3);
    high ^= low >>> 11;
    const first = Math.floor(((high >>> 0) * this.#countLength) / 4_294_967_296);
    const second = (first + this.#length) ^ (low & this.#mask);
    const third = (first + 2 * this.#length) ^ (((low >>> 18) | (high << 14)) & this.#mask);
    const print = Math.imul(low ^ high, MIX_1) >>> 24;
    return (bytes[first]! ^ bytes[second]! ^ bytes[third]!) === print;
  }
}

/** Of a filter that holds nothing and has no bytes. */
export const EMPTY_SHAPE: FuseShape = { seed: 0, segmentLength: 4, segmentCount: 0 };

/** Bytes of the array that a shape needs. */
export function fuseBytes(shape: FuseShape): number {
  return (shape.segmentCount + 2) * shape.segmentLength;
}

/**
 * Builds a filter over different keys, given as pairs of words (`keys[2i]`, `keys[2i+1]`).
 * Takes about 17 bytes a key while it works.
 */
export function buildFuseFilter(keys: Uint32Array, count: number): FuseFilter {
  if (count === 0) return new FuseFilter(EMPTY_SHAPE, new Uint8Array(0));
  const { segmentLength, segmentCount } = shapeFor(count);
  // A try fails with a probability of a few per cent, so a hundred in a row do not happen.
  for (let attempt = 1; attempt <= 100; attempt++) {
    const shape = { seed: Math.imul(attempt, MIX_3) >>> 0, segmentLength, segmentCount };
    const bytes = tryBuild(keys, count, shape);
    if (bytes !== undefined) return new FuseFilter(shape, bytes);
  }
  throw indicatorErrors.INDICATORS_FILTER({ keys: count });
}

const MIX_1 = 0x9e3779b1;
const MIX_2 = 0x85ebca6b;
const MIX_3 = 0xc2b2ae35;

/** Sizes from the paper, for three probes. */
function shapeFor(count: number): { segmentLength: number; segmentCount: number } {
  const segmentLength = Math.min(
    2 ** 18,
    2 ** Math.max(2, Math.floor(Math.log(count) / Math.log(3.33) + 2.25)),
  );
  const factor = count <= 1 ? 2 : Math.max(1.125, 0.875 + (0.25 * Math.log(1_000_000)) / Math.log(count));
  const segments = Math.ceil(Math.round(count * factor) / segmentLength);
  return { segmentLength, segmentCount: Math.max(1, segments - 2) };
}

/** Peels the hypergraph of the keys; `undefined` when this seed leaves a core. */
function tryBuild(keys: Uint32Array, count: number, shape: FuseShape): Uint8Array | undefined {
  const size = fuseBytes(shape);
  const places = new Uint32Array(3);
  // Number of keys at a place, and the XOR of their numbers: with one key left, that is the key.
  const counts = new Uint8Array(size);
  const xors = new Uint32Array(size);
  for (let key = 0; key < count; key++) {
    placesOf(keys, key, shape, places);
    for (const place of places) {
      if (counts[place] === 255) return undefined;
      counts[place]!++;
      xors[place]! ^= key;
    }
  }
  const stack = new Uint32Array(count);
  const stackPlaces = new Uint32Array(count);
  let queue: number[] = [];
  let peeled = 0;
  for (let start = 0; start < size; start++) {
    if (counts[start] === 1) queue.push(start);
    while (queue.length > 0) {
      const place = queue.pop()!;
      if (counts[place] !== 1) continue;
      const key = xors[place]!;
      stack[peeled] = key;
      stackPlaces[peeled] = place;
      peeled++;
      placesOf(keys, key, shape, places);
      for (const other of places) {
        counts[other]!--;
        xors[other]! ^= key;
        if (counts[other] === 1) queue.push(other);
      }
    }
  }
  if (peeled < count) return undefined;
  queue = [];
  const bytes = new Uint8Array(size);
  for (let at = count - 1; at >= 0; at--) {
    const key = stack[at]!;
    const print = placesOf(keys, key, shape, places);
    bytes[stackPlaces[at]!] = print ^ bytes[places[0]!]! ^ bytes[places[1]!]! ^ bytes[places[2]!]!;
  }
  return bytes;
}

/** The three places of a key; returns its fingerprint. Must compute what `FuseFilter.has` computes. */
function placesOf(keys: Uint32Array, key: number, shape: FuseShape, places: Uint32Array): number {
  const a = keys[2 * key]!;
  const b = keys[2 * key + 1]!;
  let low = Math.imul(b ^ shape.seed ^ (a >>> 15), MIX_1);
  let high = Math.imul(a ^ (low >>> 13), MIX_2);
  low ^= Math.imul(high ^ (high >>> 16), MIX_3);
  high ^= low >>> 11;
  const mask = shape.segmentLength - 1;
  const first = Math.floor(((high >>> 0) * (shape.segmentCount * shape.segmentLength)) / 4_294_967_296);
  places[0] = first;
  places[1] = (first + shape.segmentLength) ^ (low & mask);
  places[2] = (first + 2 * shape.segmentLength) ^ (((low >>> 18) | (high << 14)) & mask);
  return Math.imul(low ^ high, MIX_1) >>> 24;
}
