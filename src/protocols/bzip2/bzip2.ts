import { BitReader, NeedBits } from './bits.ts';
import { HuffmanTable, MAX_CODE_BITS } from './huffman.ts';

/**
 * Reads bzip2 streams (as bzip2 1.0.8 writes them; several after one another as well) block by block. Pure: bytes
 * in, blocks out. A block needs at most 900,000 bytes and a table of as many numbers.
 */
export type BzipEvent =
  | { readonly kind: 'block'; readonly bytes: Buffer }
  | { readonly kind: 'need-data' }
  | { readonly kind: 'end' }
  | { readonly kind: 'violation'; readonly code: BzipViolation };

export type BzipViolation = 'BZIP2_BAD_HEADER' | 'BZIP2_BAD_BLOCK' | 'BZIP2_BAD_CHECKSUM' | 'BZIP2_CUT';

/** Packed blocks are shorter than their content and a little: whoever sends more without a block cheats. */
const WAITING_MAX = 4 * 1024 * 1024;
const BLOCK_UNIT = 100_000;
const GROUP_SYMBOLS = 50;

class BadBlock extends Error {
  override readonly name = 'BadBlock';
}

export class BzipReader {
  readonly #bits = new BitReader();
  #ended = false;
  #waiting = 0;
  /** 0: a stream header comes next. */
  #blockMax = 0;
  #hasStream = false;
  #over: BzipEvent | undefined;

  receive(bytes: Uint8Array): void {
    this.#waiting += bytes.length;
    this.#bits.append(bytes);
  }

  receiveEnd(): void {
    this.#ended = true;
  }

  next(): BzipEvent {
    if (this.#over !== undefined) return this.#over;
    for (;;) {
      const mark = this.#bits.mark;
      // Decoding starts a block again when it runs dry: only when there is enough for a whole one, or the end.
      if (!this.#ended && this.#bits.left < this.#enough()) return { kind: 'need-data' };
      try {
        const event = this.#blockMax === 0 ? this.#header() : this.#block();
        if (event !== undefined) return event;
      } catch (error) {
        if (error instanceof BadBlock) return this.#end({ kind: 'violation', code: 'BZIP2_BAD_BLOCK' });
        if (!(error instanceof NeedBits)) throw error;
        this.#bits.back(mark);
        if (this.#ended) return this.#end({ kind: 'violation', code: 'BZIP2_CUT' });
        if (this.#waiting > WAITING_MAX) return this.#end({ kind: 'violation', code: 'BZIP2_BAD_BLOCK' });
        return { kind: 'need-data' };
      }
    }
  }

  /** Bits: a packed block grows over its content by less than 1 % and the tables. */
  #enough(): number {
    return this.#blockMax === 0 ? 32 : (this.#blockMax * 1.02 + 20_000) * 8;
  }

  #end(event: BzipEvent): BzipEvent {
    this.#over = event;
    return event;
  }

  #header(): BzipEvent | undefined {
    const bits = this.#bits;
    if (this.#ended && bits.left === 0 && this.#hasStream) return this.#end({ kind: 'end' });
    if (this.#ended && bits.left < 32) {
      // Bytes behind the last stream are no stream: bzip2 ignores them as well.
      return this.#end(this.#hasStream ? { kind: 'end' } : { kind: 'violation', code: 'BZIP2_CUT' });
    }
    const level = bits.bits(24) === 0x425a68 ? bits.bits(8) - 0x30 : 0;
    if (level < 1 || level > 9) {
      return this.#end(this.#hasStream ? { kind: 'end' } : { kind: 'violation', code: 'BZIP2_BAD_HEADER' });
    }
    this.#hasStream = true;
    this.#blockMax = level * BLOCK_UNIT;
    return undefined;
  }

  #block(): BzipEvent | undefined {
    const bits = this.#bits;
    const high = bits.bits(24);
    const low = bits.bits(24);
    if (high === 0x177245 && low === 0x385090) {
      bits.bits(16);
      bits.bits(16);
      bits.align();
      this.#blockMax = 0;
      return undefined;
    }
    if (high !== 0x314159 || low !== 0x265359) throw new BadBlock();
    const sum = ((bits.bits(16) << 16) | bits.bits(16)) >>> 0;
    const isRandom = bits.bit() === 1;
    const origin = bits.bits(24);
    // Streams of bzip2 before 0.9.5 (1999); nobody writes them.
    if (isRandom) throw new BadBlock();
    const { bytes, count } = readSymbols(bits, this.#blockMax);
    if (origin >= count) throw new BadBlock();
    const block = plainOf(transformed(bytes, count, origin));
    this.#waiting = 0;
    if (checksum(block) !== sum) return this.#end({ kind: 'violation', code: 'BZIP2_BAD_CHECKSUM' });
    return { kind: 'block', bytes: block };
  }
}

/** Huffman codes, move-to-front and the first run lengths: the last column of the sorted block. */
function readSymbols(bits: BitReader, max: number): { bytes: Uint8Array; count: number } {
  const used = usedBytes(bits);
  const symbols = used.length + 2;
  const groups = bits.bits(3);
  const selectorCount = bits.bits(15);
  if (groups < 2 || groups > 6 || selectorCount === 0) throw new BadBlock();
  const selectors = new Uint8Array(selectorCount);
  const order = Uint8Array.from({ length: groups }, (_, at) => at);
  for (let at = 0; at < selectorCount; at++) {
    let position = 0;
    while (bits.bit() === 1) if (++position >= groups) throw new BadBlock();
    selectors[at] = toFront(order, position);
  }
  const tables = Array.from({ length: groups }, () => readTable(bits, symbols));
  const bytes = new Uint8Array(max);
  const endSymbol = symbols - 1;
  let count = 0;
  let run = 0;
  let runBit = 1;
  for (let group = 0; ; group++) {
    const table = tables[selectors[group] ?? groups];
    if (table === undefined) throw new BadBlock();
    for (let at = 0; at < GROUP_SYMBOLS; at++) {
      const symbol = table.read(bits);
      if (symbol < 0) throw new BadBlock();
      if (symbol <= 1) {
        if (runBit > max * 2) throw new BadBlock();
        run += runBit << symbol;
        runBit <<= 1;
        continue;
      }
      if (run > 0) {
        if (count + run > max) throw new BadBlock();
        bytes.fill(used[0]!, count, (count += run));
        run = 0;
        runBit = 1;
      }
      if (symbol === endSymbol) return { bytes, count };
      if (count >= max) throw new BadBlock();
      bytes[count++] = toFront(used, symbol - 1);
    }
  }
}

function usedBytes(bits: BitReader): Uint8Array {
  const rows = bits.bits(16);
  const used: number[] = [];
  for (let row = 0; row < 16; row++) {
    if ((rows & (0x8000 >> row)) === 0) continue;
    const columns = bits.bits(16);
    for (let column = 0; column < 16; column++) {
      if ((columns & (0x8000 >> column)) !== 0) used.push(row * 16 + column);
    }
  }
  if (used.length === 0) throw new BadBlock();
  return Uint8Array.from(used);
}

function readTable(bits: BitReader, symbols: number): HuffmanTable {
  const lengths = new Uint8Array(symbols);
  let length = bits.bits(5);
  for (let symbol = 0; symbol < symbols; symbol++) {
    for (;;) {
      if (length < 1 || length > MAX_CODE_BITS) throw new BadBlock();
      if (bits.bit() === 0) break;
      length += bits.bit() === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return new HuffmanTable(lengths);
}

/** Takes what stands at a place and puts it first. */
function toFront(list: Uint8Array, at: number): number {
  const value = list[at]!;
  list.copyWithin(1, 0, at);
  list[0] = value;
  return value;
}

/** The inverse of the Burrows-Wheeler transform. */
function transformed(last: Uint8Array, count: number, origin: number): Uint8Array {
  const starts = new Uint32Array(256);
  for (let at = 0; at < count; at++) starts[last[at]!]!++;
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const many = starts[byte]!;
    starts[byte] = sum;
    sum += many;
  }
  const next = new Uint32Array(count);
  for (let at = 0; at < count; at++) next[starts[last[at]!]!++] = at;
  const plain = new Uint8Array(count);
  let at = next[origin]!;
  for (let place = 0; place < count; place++) {
    plain[place] = last[at]!;
    at = next[at]!;
  }
  return plain;
}

/** The outer run lengths: four equal bytes are followed by how many more of them there are. */
function plainOf(packed: Uint8Array): Buffer {
  let size = 0;
  const each = (take: (byte: number, times: number) => void): void => {
    let equal = 0;
    let before = -1;
    for (let at = 0; at < packed.length; at++) {
      const byte = packed[at]!;
      if (equal === 4) {
        take(before, byte);
        equal = 0;
        before = -1;
        continue;
      }
      equal = byte === before ? equal + 1 : 1;
      before = byte;
      take(byte, 1);
    }
  };
  each((_, times) => (size += times));
  const plain = Buffer.allocUnsafe(size);
  let to = 0;
  each((byte, times) => {
    if (times === 1) plain[to++] = byte;
    else plain.fill(byte, to, (to += times));
  });
  return plain;
}

/** CRC-32 with the highest bit first (polynomial 0x04C11DB7), unlike that of zlib. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte << 24;
  for (let bit = 0; bit < 8; bit++) sum = sum & 0x8000_0000 ? (sum << 1) ^ 0x04c1_1db7 : sum << 1;
  return sum;
});

function checksum(bytes: Uint8Array): number {
  let sum = 0xffff_ffff;
  for (let at = 0; at < bytes.length; at++) {
    sum = (sum << 8) ^ CRC_TABLE[((sum >>> 24) ^ bytes[at]!) & 0xff]!;
  }
  return ~sum >>> 0;
}
