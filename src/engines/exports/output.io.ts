import { createHash } from 'node:crypto';
import { closeSync, createReadStream, createWriteStream, openSync, statSync, writeSync } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { ExportSink } from '../../protocols/exports/index.ts';
import { type ArtifactPart, MARK_EVERY } from './artifact.ts';

/** Text is encoded and written in pieces of about this size. */
const PIECE_CHARS = 128 * 1024;
/** What a summary may become; the rest of its line stays blank. */
const SUMMARY_CHARS = 200;

/** The file of one rendering, as it grows. */
export class Output implements ExportSink {
  readonly #file: number;
  readonly #bytesMax: number;
  #text = '';
  #waiting = 0;
  #written = 0;
  #marks: number[] | undefined;
  /** Lines since `startLines`. */
  lines = 0;
  #summary: { readonly offset: number; readonly prefix: string } | undefined;
  readonly #parts: { name: string; offset: number; entries: number }[] = [];
  isTooLarge = false;

  constructor(path: string, bytesMax: number) {
    this.#file = openSync(path, 'wx', 0o600);
    this.#bytesMax = bytesMax;
  }

  write(text: string): void {
    if (this.#marks !== undefined) this.#countLines(text, this.#marks);
    this.#text += text;
    this.#waiting += Buffer.byteLength(text);
    if (this.#text.length >= PIECE_CHARS) this.#flush();
  }

  part(name: string): void {
    this.#parts.push({ name, offset: this.offset, entries: 0 });
  }

  summary(prefix: string): void {
    this.#summary = { offset: this.offset, prefix };
    this.write(`${prefix}${' '.repeat(SUMMARY_CHARS)}\n`);
  }

  /** Where the next byte goes. */
  get offset(): number {
    return this.#written + this.#waiting;
  }

  /** From here on lines are counted; the answer fills with the offset of every `MARK_EVERY`th. */
  startLines(): readonly number[] {
    this.#marks = [this.offset];
    return this.#marks;
  }

  /** Puts the summary into its place and closes the file. Parts have their lengths now. */
  finish(summary: string): readonly ArtifactPart[] {
    this.#flush();
    const end = this.#written;
    if (this.#summary !== undefined) {
      const { offset, prefix } = this.#summary;
      const text = summary.slice(0, SUMMARY_CHARS).padEnd(SUMMARY_CHARS);
      writeSync(this.#file, `${prefix}${text}\n`, offset, 'latin1');
    }
    closeSync(this.#file);
    return this.#parts.map(({ name, offset, entries }, at) => ({
      name,
      offset,
      entries,
      length: (this.#parts[at + 1]?.offset ?? end) - offset,
    }));
  }

  abandon(): void {
    closeSync(this.#file);
  }

  #countLines(text: string, marks: number[]): void {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      if (++this.lines % MARK_EVERY !== 0) continue;
      marks.push(this.offset + Buffer.byteLength(text.slice(0, at + 1)));
    }
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text, 'utf8');
    this.#text = '';
    this.#waiting = 0;
    if (this.#written + bytes.length > this.#bytesMax) {
      this.isTooLarge = true;
      return;
    }
    for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at);
    this.#written += bytes.length;
  }
}

/** Packs a finished file beside it, and gives the hash of what was in it. */
export async function packFile(
  path: string,
  gzipPath: string,
): Promise<{ readonly sha256: string; readonly bytes: number; readonly gzipBytes: number }> {
  const hash = createHash('sha256');
  const tap = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  // Level 6 of zlib on the pool of the process: no event loop waits for it.
  await pipeline(createReadStream(path), tap, createGzip(), createWriteStream(gzipPath, { mode: 0o600 }));
  return { sha256: hash.digest('hex'), bytes: statSync(path).size, gzipBytes: statSync(gzipPath).size };
}
