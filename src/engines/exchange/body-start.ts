import type { FileType, MaybePromise } from '../../kernel/index.ts';
import { fileTypeOf } from '../../protocols/file-type/index.ts';
import { type Codings, readCodings, startOf } from '../content/index.ts';

/** Enough for every magic number but those at the end of a file. */
const PLAIN_BYTES = [4096];
/** Behind a content coding nothing may be seen until a block is whole: those of zstd have up to 128 KiB (RFC 8878 §3.1.1.2.4). */
const CODED_BYTES = [4096, 32_768, 160 * 1024];
/** What is looked at, at most. */
export const START_BYTES_MAX = 160 * 1024;

/** The start of a body, copied: what a rule over the type of a file needs before the rest is there. */
export class BodyStart {
  readonly #codings: Codings;
  readonly #looks: readonly number[];
  #next = 0;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** `contentEncoding`: the type is that of what is behind it. */
  constructor(contentEncoding?: string) {
    this.#codings = readCodings(contentEncoding);
    this.#looks = this.#isPlain ? PLAIN_BYTES : CODED_BYTES;
  }

  get #isPlain(): boolean {
    return this.#codings.packings.length === 0 && this.#codings.trouble === undefined;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** There is enough for another look at it. */
  get isReady(): boolean {
    const next = this.#looks[this.#next];
    return next !== undefined && this.#bytes >= next;
  }

  /** More of the body would tell no more. */
  get isOver(): boolean {
    return this.#next >= this.#looks.length;
  }

  add(bytes: Uint8Array): void {
    const room = (this.#looks.at(-1) ?? 0) - this.#bytes;
    if (room <= 0 || this.isOver) return;
    this.#pieces.push(Uint8Array.prototype.slice.call(bytes, 0, room));
    this.#bytes += Math.min(bytes.length, room);
  }

  /** `undefined`: nothing can be said yet. */
  type(): MaybePromise<FileType | undefined> {
    while (this.isReady) this.#next++;
    const start = Buffer.concat(this.#pieces);
    if (this.#isPlain) return fileTypeOf(start);
    return startOf(start, this.#codings).then((content) => {
      if (content.length === 0) return undefined;
      this.#next = this.#looks.length;
      return fileTypeOf(content);
    });
  }
}
