import {
  constants,
  crc32,
  createBrotliDecompress,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  brotliDecompressSync,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';
import type { Transform } from 'node:stream';
import type { MaybePromise } from '../../kernel/index.ts';
import { memberHead, memberTail } from './gzip-member.ts';
import { piecesOf } from './source.ts';
import type { Source, Trouble } from './types.ts';

export type Packing = 'raw' | 'zlib' | 'gzip' | 'zstd' | 'brotli';

/** Takes bytes in order, perhaps with a wait; false: it takes no more. The bytes are its own from then on. */
export type Taker = (bytes: Buffer) => MaybePromise<boolean>;

/** What one call may take and give: below it that is faster than a stream. */
export interface WholeBounds {
  readonly inMax: number;
  readonly outMax: number;
  /** Asked for before a stream begins, which keeps a window of up to 32 MiB; `undefined`: there is none in time. */
  readonly turn?: () => Promise<(() => void) | undefined>;
}

/** In a thread of its own. */
const WHOLE: WholeBounds = { inMax: 256 * 1024, outMax: 4 * 1024 * 1024 };
/** A damaged stream loses at most what is in one output buffer: they are small. */
const PIECE_OUT = 16 * 1024;
/** Window of zstd, as a power of two: 32 MiB. `zstd -19` needs 8 MiB; more is `--ultra` or `--long`. */
const ZSTD_WINDOW_LOG = 25;
const NOTHING = Buffer.alloc(0);

/**
 * Unpacks a source: one stream, of gzip and zstd as many as follow each other. What comes before a damage or
 * the end of a cut stream is handed on. `take` is also called with nothing, so that it can say that time is over.
 */
export function inflateInto(
  source: Source,
  packing: Packing,
  take: Taker,
  whole: WholeBounds = WHOLE,
): MaybePromise<Trouble | undefined> {
  if (source.size <= whole.inMax) {
    const plain = wholeOf(source.read(0, source.size), packing, whole.outMax);
    if (plain !== undefined) {
      const taken = take(plain);
      return taken instanceof Promise ? taken.then(() => undefined) : undefined;
    }
  }
  return whole.turn === undefined
    ? streams(source, packing, take)
    : inTurn(whole.turn, () => streams(source, packing, take));
}

async function inTurn(
  turn: NonNullable<WholeBounds['turn']>,
  work: () => Promise<Trouble | undefined>,
): Promise<Trouble | undefined> {
  const end = await turn();
  if (end === undefined)
    return { reason: 'timeout', detail: 'it has waited in vain until others are unpacked' };
  try {
    return await work();
  } finally {
    end();
  }
}

/** `undefined`: damaged, cut, more than one stream, or larger than one call may give. */
function wholeOf(packed: Buffer, packing: Packing, outMax: number): Buffer | undefined {
  const bounds = { maxOutputLength: outMax };
  try {
    switch (packing) {
      case 'raw':
        return inflateRawSync(packed, bounds);
      case 'zlib':
        return inflateSync(packed, bounds);
      case 'gzip':
        return gunzipSync(packed, bounds);
      case 'brotli':
        return brotliDecompressSync(packed, bounds);
      case 'zstd': {
        // The types leave out what `info` adds: the engine, which knows how far it has read.
        const { buffer, engine } = zstdDecompressSync(packed, {
          ...bounds,
          params: ZSTD_PARAMS,
          info: true,
        }) as unknown as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
        return engine.bytesWritten === packed.length ? buffer : undefined;
      }
    }
  } catch {
    return undefined;
  }
}

const ZSTD_PARAMS = { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG };

/** One decoder of `node:zlib`, and how much it has read when it is through. */
type Engine = Transform & { readonly bytesWritten: number };

function engineFor(packing: Packing): Engine {
  const options = { chunkSize: PIECE_OUT };
  switch (packing) {
    case 'raw':
    case 'gzip':
      // The head of a member and its tail are read here: what follows the last one would make zlib lose bytes before.
      return createInflateRaw(options);
    case 'zlib':
      return createInflate(options);
    case 'brotli':
      return createBrotliDecompress(options);
    case 'zstd':
      return createZstdDecompress({ ...options, params: ZSTD_PARAMS });
  }
}

/** How one stream ended. */
interface Streamed {
  readonly trouble: Trouble | undefined;
  /** Where it ended in the source. */
  readonly end: number;
  /** Nobody takes more. */
  readonly refused: boolean;
}

async function streams(source: Source, packing: Packing, take: Taker): Promise<Trouble | undefined> {
  let at = 0;
  for (;;) {
    const { trouble, end, refused } = await (packing === 'gzip'
      ? member(source, at, take)
      : stream(source, at, packing, take));
    if (trouble !== undefined || refused) return trouble;
    // Decoders end at the end of a stream, and whoever reads them goes on with the next.
    const goesOn = packing === 'gzip' || packing === 'zstd';
    if (!goesOn || end >= source.size || end <= at || isPadding(source, end)) return undefined;
    if (!isStream(source.read(end, 4), packing)) {
      return { reason: 'damaged', detail: 'something else follows its end' };
    }
    if (!(await take(NOTHING))) return undefined;
    at = end;
  }
}

/** Zeros behind the last stream are padding of tapes and blocks. */
function isPadding(source: Source, from: number): boolean {
  const left = source.size - from;
  return left <= PADDING_MAX && source.read(from, left).every((byte) => byte === 0);
}

const PADDING_MAX = 64 * 1024;

/** RFC 1952 §2.3.1; RFC 8878 §3.1.1 and, for frames to skip, §3.1.2. */
function isStream(head: Buffer, packing: Packing): boolean {
  if (head.length < 4) return false;
  if (packing === 'gzip') return head[0] === 0x1f && head[1] === 0x8b;
  const magic = head.readUInt32LE(0);
  return magic === 0xfd2f_b528 || magic >>> 4 === 0x0184_d2a5;
}

/** One member of a gzip file: head, deflated data, checksum and size. */
async function member(source: Source, from: number, take: Taker): Promise<Streamed> {
  const headBytes = memberHead(source, from);
  if (headBytes === undefined) {
    return {
      trouble: { reason: 'damaged', detail: 'its head is wrong or cut' },
      end: from,
      refused: false,
    };
  }
  let sum = 0;
  let size = 0;
  const data = await stream(source, from + headBytes, 'gzip', (bytes) => {
    sum = crc32(bytes, sum);
    size += bytes.length;
    return take(bytes);
  });
  if (data.trouble !== undefined || data.refused) return data;
  const { end, trouble } = memberTail(source, data.end, { sum, size });
  return { trouble, end, refused: false };
}

async function stream(source: Source, from: number, packing: Packing, take: Taker): Promise<Streamed> {
  const engine = engineFor(packing);
  let isOver = false;
  let refused = false;
  let trouble: Trouble | undefined;
  const over = Promise.withResolvers<void>();
  const finish = (): void => {
    isOver = true;
    over.resolve();
  };
  const refuse = (): void => {
    refused = true;
    finish();
  };
  engine.on('data', (bytes: Buffer) => {
    if (isOver) return;
    const taken = take(bytes);
    if (!(taken instanceof Promise)) return taken ? undefined : refuse();
    engine.pause();
    void taken.then((more) => (more ? engine.resume() : refuse()), refuse);
  });
  engine.on('end', finish);
  engine.on('error', (error: Error) => {
    if (!isOver) trouble = { reason: 'damaged', detail: damageOf(error) };
    finish();
  });
  try {
    for (const piece of piecesOf(source, from)) {
      const written = new Promise<void>((resolve) => {
        engine.write(piece, () => resolve());
      });
      await Promise.race([written, over.promise]);
      if (isOver) break;
    }
    if (!isOver) engine.end();
    await over.promise;
    return { trouble, end: from + engine.bytesWritten, refused };
  } finally {
    engine.destroy();
  }
}

/** Texts of zlib and zstd, without anything of the file in them. */
function damageOf(error: Error): string {
  return /^[\w ,'()/-]{1,80}$/.test(error.message) ? error.message : 'the packed data is damaged';
}
