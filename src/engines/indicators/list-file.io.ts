import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Transform, type TransformCallback } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { GatewayError, messageOf } from '../../kernel/index.ts';
import { indicatorErrors } from './errors.ts';

export interface FileLimits {
  /** Largest list, unpacked. */
  readonly listBytesMax: number;
  /** How many times larger than packed a list may be; text lists reach 3 to 20. */
  readonly expansionMax: number;
}

/** Below this a high ratio proves nothing. */
const EXPANSION_FREE_BYTES = 16 * 1024 * 1024;

export interface ListFile {
  /** Bytes on disk. */
  readonly bytes: number;
  /** How many of them have been read. */
  read(): number;
  readonly chunks: AsyncIterable<Buffer>;
  /** Stops reading; safe at any time. */
  close(): void;
}

/** Opens a list, plain or gzip (seen from its first bytes, not its name), under bounds. */
export async function openListFile(path: string, limits: FileLimits): Promise<ListFile> {
  const unreadable = (error: unknown): Error =>
    error instanceof GatewayError
      ? error
      : indicatorErrors.INDICATORS_FILE_UNREADABLE({ path, reason: messageOf(error) }, { cause: error });
  const bytes = await stat(path).then(
    (found) => {
      if (!found.isFile())
        throw indicatorErrors.INDICATORS_FILE_UNREADABLE({ path, reason: 'it is no file' });
      return found.size;
    },
    (error: unknown) => {
      throw unreadable(error);
    },
  );
  const source = createReadStream(path, { highWaterMark: 256 * 1024 });
  const first = await firstChunk(path).catch((error: unknown) => {
    source.destroy();
    throw unreadable(error);
  });
  const isPacked = first[0] === 0x1f && first[1] === 0x8b;
  const bound = new Bound(path, limits, () => (isPacked ? source.bytesRead : undefined));
  const ended = (): void => {};
  // Errors reach whoever iterates over the last stream.
  if (isPacked) pipeline(source, createGunzip({ chunkSize: 256 * 1024 }), bound, ended);
  else pipeline(source, bound, ended);
  return {
    bytes,
    read: () => source.bytesRead,
    chunks: (async function* () {
      try {
        // What leaves `bound` are Buffers.
        for await (const chunk of bound) yield chunk as Buffer;
      } catch (error) {
        throw unreadable(error);
      }
    })(),
    close: () => {
      source.destroy();
      bound.destroy();
    },
  };
}

/** Lets bytes through up to the bounds. */
class Bound extends Transform {
  readonly #path: string;
  readonly #limits: FileLimits;
  readonly #packedBytes: () => number | undefined;
  #bytes = 0;

  constructor(path: string, limits: FileLimits, packedBytes: () => number | undefined) {
    super({ highWaterMark: 512 * 1024 });
    this.#path = path;
    this.#limits = limits;
    this.#packedBytes = packedBytes;
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#bytes += chunk.length;
    const packed = this.#packedBytes();
    const refuse = (reason: string): void => {
      done(indicatorErrors.INDICATORS_FILE_TOO_LARGE({ path: this.#path, reason }));
    };
    if (this.#bytes > this.#limits.listBytesMax) {
      refuse(`it is larger than ${this.#limits.listBytesMax} bytes`);
    } else if (
      packed !== undefined &&
      this.#bytes > EXPANSION_FREE_BYTES &&
      this.#bytes > packed * this.#limits.expansionMax
    ) {
      refuse(`it unpacks to more than ${this.#limits.expansionMax} times its size`);
    } else done(null, chunk);
  }
}

async function firstChunk(path: string): Promise<Buffer> {
  for await (const chunk of createReadStream(path, { start: 0, end: 1 })) {
    // Without an encoding a file stream gives Buffers.
    return chunk as Buffer;
  }
  return Buffer.alloc(0);
}
