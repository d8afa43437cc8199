import { hashText, spread } from './hashing.ts';

/** Bits a name and probes: 0.3 % of the names that are not held look as if they were (Bloom 1970). */
const BITS_PER_NAME = 12;
const PROBES = 8;

/** A set of names that cannot be read back, and answers "maybe" a few times in a thousand. */
export class Bloom {
  readonly bytes: Uint8Array;
  readonly #bits: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#bits = bytes.length * 8;
  }

  has(name: string): boolean {
    if (this.#bits === 0) return false;
    const first = hashText(name);
    const step = spread(first ^ STEP_SEED) | 1;
    for (let probe = 0, at = first; probe < PROBES; probe++, at = (at + step) >>> 0) {
      const bit = at % this.#bits;
      if ((this.bytes[bit >>> 3]! & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }
}

export function bloomOf(names: ReadonlySet<string>): Bloom {
  const bytes = new Uint8Array(Math.ceil((names.size * BITS_PER_NAME) / 8));
  const bits = bytes.length * 8;
  for (const name of names) {
    const first = hashText(name);
    const step = spread(first ^ STEP_SEED) | 1;
    for (let probe = 0, at = first; probe < PROBES; probe++, at = (at + step) >>> 0) {
      const bit = at % bits;
      bytes[bit >>> 3]! |= 1 << (bit & 7);
    }
  }
  return new Bloom(bytes);
}

const STEP_SEED = 0x9e3779b9;
