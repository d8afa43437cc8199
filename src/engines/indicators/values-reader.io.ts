import { fstatSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { messageOf } from '../../kernel/index.ts';
import { indicatorErrors } from './errors.ts';
import { closeLater, readFully } from './files.io.ts';
import type { SegmentDirectory } from './segment-format.ts';
import { BLOCK_ENTRIES, type EntryTexts, readTexts, textsEnd, VALUES_MAGIC } from './values-format.ts';

/** The texts of one layer. A block is read and unpacked as a whole; the last one is kept. */
export class ValuesReader {
  readonly #file: number;
  readonly #path: string;
  readonly #directory: SegmentDirectory;
  readonly #starts: Float64Array;
  #kept: { readonly block: number; readonly texts: Buffer } | undefined;

  constructor(file: number, path: string, directory: SegmentDirectory, blocks: Buffer) {
    this.#file = file;
    this.#path = path;
    this.#directory = directory;
    this.#starts = new Float64Array(blocks.buffer, blocks.byteOffset, blocks.length / 8);
  }

  /** Compares the file with what the segment says of it. Blocks carry checksums of their own. */
  check(): void {
    const bytes = fstatSync(this.#file).size;
    const { valuesBytes } = this.#directory;
    if (bytes !== valuesBytes) throw this.#damaged(`it has ${bytes} bytes instead of ${valuesBytes}`);
    const magic = Buffer.alloc(VALUES_MAGIC.length);
    readFully(this.#file, magic, 0, magic.length, 0);
    if (magic.toString('latin1') !== VALUES_MAGIC)
      throw this.#damaged('it does not start like a file of values');
  }

  /** The texts of one entry. */
  texts(entry: number): EntryTexts {
    const block = Math.floor(entry / BLOCK_ENTRIES);
    if (this.#kept?.block !== block) this.#kept = { block, texts: this.#block(block) };
    const { texts } = this.#kept;
    let at = 0;
    for (let skip = entry % BLOCK_ENTRIES; skip > 0; skip--) at = textsEnd(texts, at);
    return readTexts(texts, at);
  }

  /** Hands out every entry: its number, and where it is in the memory of its block. */
  *each(): Generator<{
    readonly entry: number;
    readonly block: Buffer;
    readonly start: number;
    readonly end: number;
  }> {
    for (let block = 0; block + 1 < this.#starts.length; block++) {
      const texts = this.#block(block);
      let entry = block * BLOCK_ENTRIES;
      for (let start = 0; start < texts.length; entry++) {
        const end = textsEnd(texts, start);
        yield { entry, block: texts, start, end };
        start = end;
      }
    }
  }

  close(): void {
    closeLater(this.#file);
  }

  #block(block: number): Buffer {
    const start = this.#starts[block] ?? 0;
    const packed = Buffer.allocUnsafe(Math.max(0, (this.#starts[block + 1] ?? 0) - start));
    readFully(this.#file, packed, 0, packed.length, start);
    try {
      return inflateSync(packed);
    } catch (error) {
      throw this.#damaged(`its block ${block}: ${messageOf(error)}`, error);
    }
  }

  #damaged(reason: string, cause?: unknown): Error {
    return indicatorErrors.INDICATORS_SEGMENT_DAMAGED(
      { path: this.#path, feed: this.#directory.feed, reason },
      { cause },
    );
  }
}
