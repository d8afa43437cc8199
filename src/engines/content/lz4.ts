import type { Item, OpenBounds, Sink, Source, Trouble } from './types.ts';

/** LZ4 frame format 1.6.1: a match reaches back at most so far. */
const WINDOW = 64 * 1024;
const MAGIC = 0x184d_2204;
/** Of `lz4 -l`: blocks of 8 MiB without checksums, up to the end of the file. */
const LEGACY = 0x184c_2102;
const BLOCK_MAX = 8 * 1024 * 1024;
const FLAG = { dictionary: 0x01, contentSum: 0x04, contentSize: 0x08, blockSum: 0x10 } as const;
const CUT: Trouble = { reason: 'damaged', detail: 'it ends in the middle' };
const WRONG: Trouble = { reason: 'damaged', detail: 'a block of it is wrong' };

/** What is packed with LZ4, in as many frames as follow each other. Checksums are not compared. */
export function* lz4Opener(source: Source, { expired }: OpenBounds): Iterable<Item> {
  yield { kind: 'member', member: { name: 'data', read: (sink) => framesInto(source, sink, expired) } };
}

function framesInto(source: Source, sink: Sink, expired: () => boolean): Trouble | undefined {
  let at = 0;
  while (at < source.size) {
    const head = source.read(at, 19);
    if (head.length < 4) return CUT;
    const magic = head.readUInt32LE(0);
    // A frame to be passed over.
    if (magic >>> 4 === 0x0184_d2a5) {
      if (head.length < 8) return CUT;
      at += 8 + head.readUInt32LE(4);
      continue;
    }
    if (magic !== MAGIC && magic !== LEGACY) {
      return { reason: 'damaged', detail: 'something else follows its end' };
    }
    const flags = head[4] ?? 0;
    if (magic === MAGIC && (flags & FLAG.dictionary) !== 0) {
      return { reason: 'unsupported', detail: 'it needs a dictionary that is not in it' };
    }
    const headBytes = magic === LEGACY ? 4 : (flags & FLAG.contentSize) === 0 ? 7 : 15;
    const end = blocksInto(source, at + headBytes, magic === LEGACY ? undefined : flags, { sink, expired });
    if (typeof end !== 'number') return end === 'refused' ? undefined : end;
    at = end;
  }
  return undefined;
}

/** Where the frame ends. `flags` are missing in the legacy format, which has no end mark either. */
function blocksInto(
  source: Source,
  from: number,
  flags: number | undefined,
  { sink, expired }: { readonly sink: Sink; readonly expired: () => boolean },
): number | Trouble | 'refused' {
  let at = from;
  let before: Buffer = Buffer.alloc(0);
  for (;;) {
    if (expired()) return { reason: 'timeout', detail: 'time for unpacking is over' };
    const word = source.read(at, 4);
    if (flags === undefined && word.length === 0) return at;
    if (word.length < 4) return CUT;
    const size = word.readUInt32LE(0);
    if (flags === undefined && (size === MAGIC || size === LEGACY)) return at;
    at += 4;
    if (flags !== undefined && size === 0) return at + ((flags & FLAG.contentSum) === 0 ? 0 : 4);
    const isPlain = flags !== undefined && size >= 0x8000_0000;
    const length = isPlain ? size - 0x8000_0000 : size;
    if (length > BLOCK_MAX * 2) return WRONG;
    const packed = source.read(at, length);
    if (packed.length < length) return CUT;
    const plain = isPlain ? Buffer.from(packed) : blockOf(packed, before);
    if (plain === undefined) return WRONG;
    before = Buffer.concat([before, plain]).subarray(-WINDOW);
    if (!sink(plain)) return 'refused';
    at += length + (flags !== undefined && (flags & FLAG.blockSum) !== 0 ? 4 : 0);
  }
}

/** One block (LZ4 block format): literals, then a copy of what came up to 64 KiB before, again and again. */
function blockOf(packed: Buffer, before: Buffer): Buffer | undefined {
  const out = Buffer.allocUnsafe(before.length + BLOCK_MAX);
  before.copy(out);
  let to = before.length;
  let at = 0;
  const extended = (first: number): number => {
    let length = first;
    if (first !== 15) return length;
    for (let byte = 255; byte === 255 && at < packed.length;) {
      byte = packed[at++]!;
      length += byte;
    }
    return length;
  };
  while (at < packed.length) {
    const token = packed[at++]!;
    const literals = extended(token >> 4);
    if (at + literals > packed.length || to + literals > out.length) return undefined;
    packed.copy(out, to, at, at + literals);
    to += literals;
    at += literals;
    if (at === packed.length) break;
    if (at + 2 > packed.length) return undefined;
    const back = packed.readUInt16LE(at);
    at += 2;
    const length = extended(token & 0x0f) + 4;
    if (back === 0 || back > to || to + length > out.length) return undefined;
    const end = to + length;
    for (; to < end; to++) out[to] = out[to - back]!;
  }
  return Buffer.from(out.subarray(before.length, to));
}
