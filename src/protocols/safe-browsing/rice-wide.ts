import { BitReader } from './rice.ts';

/** Version 5 codes hashes of 8, 16 and 32 bytes in the same way, as big-endian numbers. */
export interface WideRiceCoded {
  readonly firstValue: bigint;
  readonly parameter: number;
  readonly count: number;
  readonly data: Uint8Array;
}

export type WideBits = 64 | 128 | 256;

/** Bounds of the parameter (RiceDeltaEncoded64Bit, 128Bit, 256Bit). */
const BOUNDS: Readonly<Record<WideBits, readonly [number, number]>> = {
  64: [35, 62],
  128: [99, 126],
  256: [227, 254],
};

/** Ascending numbers of `bits` bits, at least one. */
export function riceEncodeWide(values: readonly bigint[], bits: WideBits): WideRiceCoded {
  const firstValue = values[0] ?? 0n;
  const count = Math.max(0, values.length - 1);
  if (count === 0) return { firstValue, parameter: 0, count, data: new Uint8Array(0) };
  const span = (values.at(-1) ?? 0n) - firstValue;
  const mean = span / BigInt(count);
  const [min, max] = BOUNDS[bits];
  // The length of the mean in bits, less one: about 0.69 of it.
  const parameter = Math.min(max, Math.max(min, mean.toString(2).length - 1));
  const data: number[] = [];
  let filled = 0;
  const put = (bit: number): void => {
    if (filled === 0) data.push(0);
    data[data.length - 1]! |= bit << filled;
    filled = (filled + 1) & 7;
  };
  for (let at = 1; at <= count; at++) {
    const distance = values[at]! - values[at - 1]!;
    for (let ones = distance >> BigInt(parameter); ones > 0n; ones--) put(1);
    put(0);
    for (let each = 0; each < parameter; each++) put(Number((distance >> BigInt(each)) & 1n));
  }
  return { firstValue, parameter, count, data: Uint8Array.from(data) };
}

/** The numbers; `undefined`: the coding is malformed, or holds more than `valuesMax`. */
export function riceDecodeWide(
  coded: WideRiceCoded,
  bits: WideBits,
  valuesMax: number,
): readonly bigint[] | undefined {
  const { firstValue, parameter, count, data } = coded;
  const max = 1n << BigInt(bits);
  if (firstValue < 0n || firstValue >= max || count < 0 || count >= valuesMax) return undefined;
  if (count > 0 && (parameter < 1 || parameter >= bits)) return undefined;
  if (count * (parameter + 1) > data.length * 8) return undefined;
  const reader = new BitReader(data);
  const values = [firstValue];
  let value = firstValue;
  for (let at = 0; at < count; at++) {
    const upper = reader.ones();
    const lower = wideNumber(reader, parameter);
    if (upper < 0 || lower === undefined) return undefined;
    value += (BigInt(upper) << BigInt(parameter)) + lower;
    if (value >= max) return undefined;
    values.push(value);
  }
  return values;
}

function wideNumber(reader: BitReader, bits: number): bigint | undefined {
  let value = 0n;
  for (let shift = 0; shift < bits; shift += 24) {
    const part = reader.number(Math.min(24, bits - shift));
    if (part < 0) return undefined;
    value |= BigInt(part) << BigInt(shift);
  }
  return value;
}

/** Big-endian bytes of a number. */
export function wideBytes(value: bigint, bits: WideBits): Uint8Array {
  return Buffer.from(value.toString(16).padStart(bits / 4, '0'), 'hex');
}

export function wideNumberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
}
