import { closeSync, createReadStream, fsyncSync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const PIECE_CHARS = 256 * 1024;

/** Writes a file line by line in large pieces; control has no client that waits for it. */
export class LineWriter {
  readonly #file: number;
  #lines: string[] = [];
  #chars = 0;
  #count = 0;
  #closed = false;

  constructor(path: string) {
    this.#file = openSync(path, 'w', 0o600);
  }

  get count(): number {
    return this.#count;
  }

  /** After `abandon` it does nothing: another fetch of the same work may still be on its way. */
  write(line: string): void {
    if (this.#closed) return;
    this.#lines.push(line);
    this.#count++;
    this.#chars += line.length;
    if (this.#chars >= PIECE_CHARS) this.#flush();
  }

  /** Everything is on the disk afterwards. */
  close(): void {
    this.#flush();
    fsyncSync(this.#file);
    this.#closed = true;
    closeSync(this.#file);
  }

  /** After a failure: what was written does not count. */
  abandon(): void {
    this.#closed = true;
    closeSync(this.#file);
  }

  #flush(): void {
    if (this.#lines.length > 0) writeSync(this.#file, `${this.#lines.join('\n')}\n`);
    this.#lines = [];
    this.#chars = 0;
  }
}

/** The lines of a file that `LineWriter` wrote. */
export function linesOf(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
}
