import {
  constants,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';
import type { Transform } from 'node:stream';
import { piecesOf } from './source.ts';
import type { Sink, Source, Trouble } from './types.ts';

export type Packing = 'raw' | 'zlib' | 'gzip' | 'zstd';

/** Below it one call is faster than a stream, and its result is bounded by `WHOLE_OUT`. */
const WHOLE_IN = 256 * 1024;
const WHOLE_OUT = 4 * 1024 * 1024;
/** A damaged stream loses at most what is in one output buffer: they are small. */
const PIECE_OUT = 16 * 1024;
/** Window of zstd, as a power of two: 32 MiB. `zstd -19` needs 8 MiB; more is `--ultra` or `--long`. */
const ZSTD_WINDOW_LOG = 25;

/** Unpacks a part of a source into a sink. What comes before a damage or the end of a cut stream is handed on. */
export function inflateInto(
  source: Source,
  from: number,
  length: number,
  packing: Packing,
  sink: Sink,
): Trouble | undefined | Promise<Trouble | undefined> {
  if (length <= WHOLE_IN) {
    try {
      sink(wholeOf(source.read(from, length), packing));
      return undefined;
    } catch {
      // Damaged, cut or larger than one call may give: piece by piece.
    }
  }
  return streamed(source, from, length, packing, sink);
}

function wholeOf(packed: Buffer, packing: Packing): Buffer {
  const bounds = { maxOutputLength: WHOLE_OUT };
  switch (packing) {
    case 'raw':
      return inflateRawSync(packed, bounds);
    case 'zlib':
      return inflateSync(packed, bounds);
    case 'gzip':
      return gunzipSync(packed, bounds);
    case 'zstd':
      return zstdDecompressSync(packed, { ...bounds, params: ZSTD_PARAMS });
  }
}

const ZSTD_PARAMS = { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG };

function engineFor(packing: Packing): Transform {
  const options = { chunkSize: PIECE_OUT };
  switch (packing) {
    case 'raw':
      return createInflateRaw(options);
    case 'zlib':
      return createInflate(options);
    case 'gzip':
      return createGunzip(options);
    case 'zstd':
      return createZstdDecompress({ ...options, params: ZSTD_PARAMS });
  }
}

function streamed(
  source: Source,
  from: number,
  length: number,
  packing: Packing,
  sink: Sink,
): Promise<Trouble | undefined> {
  const engine = engineFor(packing);
  return new Promise((resolve) => {
    let isOver = false;
    const finish = (trouble?: Trouble): void => {
      if (isOver) return;
      isOver = true;
      engine.destroy();
      resolve(trouble);
    };
    engine.on('data', (bytes: Buffer) => {
      if (!isOver && !sink(bytes)) finish();
    });
    engine.on('end', () => finish());
    engine.on('error', (error: Error) => finish({ reason: 'damaged', detail: damageOf(error) }));
    const pieces = piecesOf(source, from, length);
    const pump = (): void => {
      for (;;) {
        if (isOver) return;
        const next = pieces.next();
        if (next.done === true) return void engine.end();
        if (!engine.write(next.value)) return void engine.once('drain', pump);
      }
    };
    pump();
  });
}

/** Texts of zlib and zstd, without anything of the file in them. */
function damageOf(error: Error): string {
  return /^[\w ,'()/-]{1,80}$/.test(error.message) ? error.message : 'the packed data is damaged';
}
