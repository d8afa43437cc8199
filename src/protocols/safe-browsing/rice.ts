import { outcomeOf, STEP, type Steps } from './steps.ts';

/**
 * Rice-Golomb coding of ascending 32-bit numbers: the first number as it is, then the distance to the next one,
 * each as its upper bits in unary (ones and a zero) and `parameter` lower bits. Bits fill bytes from the lowest.
 */
export interface RiceCoded {
  readonly firstValue: number;
  /** 0 when there is only one number. */
  readonly parameter: number;
  /** Numbers behind the first one. */
  readonly count: number;
  readonly data: Uint8Array;
}

/** Bounds of the parameter, as each version of the protocol states them. */
export const RICE_V4: readonly [min: number, max: number] = [2, 28];
export const RICE_V5: readonly [min: number, max: number] = [3, 30];

/**
 * The parameter for `count` distances that sum up to `span`: 2 to it is about 0.69 times their mean, so that a unary
 * part has one to two bits on average, however they are spread.
 */
export function riceParameter(span: number, count: number, [min, max]: readonly [number, number]): number {
  if (count === 0) return 0;
  const best = Math.round(Math.log2(Math.max(1, (span / count) * Math.LN2)));
  return Math.min(max, Math.max(min, best));
}

/** Encodes in as many steps as the caller likes. */
export class RiceEncoder {
  readonly #parameter: number;
  #data: Uint8Array;
  #at = 0;
  /** Bits that do not fill a byte yet, the oldest lowest. */
  #bits = 0;
  #filled = 0;

  constructor(parameter: number, count: number) {
    this.#parameter = parameter;
    // The unary parts have two bits on average, or three at the bounds of the parameter.
    this.#data = new Uint8Array(16 + Math.ceil((count * (parameter + 3)) / 8));
  }

  /** Takes the distances from `values[from - 1]` up to `values[to - 1]`; `from` is at least 1. */
  add(values: Uint32Array, from: number, to: number): void {
    const parameter = this.#parameter;
    const low = parameter > 16 ? 16 : parameter;
    let before = values[from - 1]!;
    for (let at = from; at < to; at++) {
      const value = values[at]!;
      const distance = value - before;
      before = value;
      let ones = parameter === 0 ? distance : Math.floor(distance / 2 ** parameter);
      for (; ones >= 16; ones -= 16) this.#put(0xffff, 16);
      this.#put((1 << ones) - 1, ones + 1);
      this.#put(distance & ((1 << low) - 1), low);
      if (parameter > 16) this.#put((distance >>> 16) & ((1 << (parameter - 16)) - 1), parameter - 16);
    }
  }

  finish(): Uint8Array {
    if (this.#filled > 0) this.#byte(this.#bits & 255);
    return this.#data.subarray(0, this.#at);
  }

  /** At most 17 bits. */
  #put(bits: number, count: number): void {
    this.#bits |= bits << this.#filled;
    this.#filled += count;
    while (this.#filled >= 8) {
      this.#byte(this.#bits & 255);
      this.#bits >>>= 8;
      this.#filled -= 8;
    }
  }

  #byte(byte: number): void {
    if (this.#at === this.#data.length) {
      const larger = new Uint8Array(this.#data.length * 2);
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data[this.#at++] = byte;
  }
}

/** Ascending numbers, at least one. */
export function riceEncode(values: Uint32Array, bounds: readonly [number, number]): RiceCoded {
  const firstValue = values[0] ?? 0;
  const count = Math.max(0, values.length - 1);
  const parameter = riceParameter((values.at(-1) ?? 0) - firstValue, count, bounds);
  const encoder = new RiceEncoder(parameter, count);
  if (count > 0) encoder.add(values, 1, values.length);
  return { firstValue, parameter, count, data: encoder.finish() };
}

/** The numbers; `undefined`: the coding is malformed, or holds more than `valuesMax`. */
export function riceDecode(coded: RiceCoded, valuesMax: number): Uint32Array | undefined {
  return outcomeOf(riceDecodeSteps(coded, valuesMax));
}

/** The same in as many steps as the caller likes. */
export function* riceDecodeSteps(coded: RiceCoded, valuesMax: number): Steps<Uint32Array | undefined> {
  const { firstValue, parameter, count, data } = coded;
  if (!Number.isInteger(firstValue) || firstValue < 0 || firstValue > 0xffff_ffff) return undefined;
  if (count < 0 || count >= valuesMax) return undefined;
  if (count > 0 && (parameter < 1 || parameter > 31)) return undefined;
  // Each number has at least one bit of unary and its lower bits: what cannot be there is not allocated.
  if (count * (parameter + 1) > data.length * 8) return undefined;
  const values = new Uint32Array(count + 1);
  values[0] = firstValue;
  const bits = new BitReader(data);
  let value = firstValue;
  for (let at = 1; at <= count; at++) {
    const upper = bits.ones();
    const lower = bits.number(parameter);
    if (upper < 0 || lower < 0) return undefined;
    value += upper * 2 ** parameter + lower;
    if (value > 0xffff_ffff) return undefined;
    values[at] = value;
    if (at % STEP === 0) yield;
  }
  return values;
}

/** Reads bits from the lowest of each byte; -1 where there are none left. */
export class BitReader {
  readonly #data: Uint8Array;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  /** Ones up to the next zero, which is taken as well. */
  ones(): number {
    let count = 0;
    for (;;) {
      const byte = this.#data[this.#at >>> 3];
      if (byte === undefined) return -1;
      const from = this.#at & 7;
      const zeros = (~byte & 255) >>> from;
      if (zeros !== 0) {
        const ones = 31 - Math.clz32(zeros & -zeros);
        this.#at += ones + 1;
        return count + ones;
      }
      count += 8 - from;
      this.#at += 8 - from;
    }
  }

  /** Up to 31 bits as a number. */
  number(bits: number): number {
    const data = this.#data;
    const at = this.#at;
    if (at + bits > data.length * 8) return -1;
    const from = at & 7;
    const byte = at >>> 3;
    // Bytes behind the end are zeros, which the mask takes away.
    const low = (data[byte] ?? 0) | ((data[byte + 1] ?? 0) << 8) | ((data[byte + 2] ?? 0) << 16);
    const word = low | ((data[byte + 3] ?? 0) << 24);
    const high = from === 0 ? 0 : (data[byte + 4] ?? 0) << (32 - from);
    this.#at = at + bits;
    return ((word >>> from) | high) & (2 ** bits - 1);
  }
}
