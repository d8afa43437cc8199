import type { FileType } from '../../kernel/index.ts';
import { fileTypeOf } from '../../protocols/file-type/index.ts';

/** Enough for every magic number but those at the end of a file. */
const START_BYTES_MAX = 4096;

/** The start of a body, copied: what a rule over the type of a file needs before the rest is there. */
export class BodyStart {
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  get isFull(): boolean {
    return this.#bytes >= START_BYTES_MAX;
  }

  add(bytes: Uint8Array): void {
    if (this.isFull) return;
    this.#pieces.push(Uint8Array.prototype.slice.call(bytes, 0, START_BYTES_MAX - this.#bytes));
    this.#bytes += Math.min(bytes.length, START_BYTES_MAX - this.#bytes);
  }

  type(): FileType {
    return fileTypeOf(Buffer.concat(this.#pieces));
  }
}
