import type { MaybePromise, Wire } from '../../kernel/index.ts';
import { encodeChunk, LAST_CHUNK } from '../../protocols/http1/index.ts';

/** Where an answer that is made piece by piece goes. */
export interface AnswerStream {
  /**
   * Sends a piece; await the result before the next, so that a slow client slows the maker down. Texts are
   * sent as UTF-8. Writing to a client that has left does nothing.
   */
  write(piece: Uint8Array | string): MaybePromise<void>;
  /** The client has left: what is still to come can be saved. */
  readonly gone: boolean;
}

/** How the end of a streamed body is told: by its length, by a last chunk (RFC 9112 §7.1), or by the end of the connection. */
export type StreamFraming = 'length' | 'chunked' | 'close';

export class WireAnswerStream implements AnswerStream {
  readonly #wire: Wire;
  readonly #framing: StreamFraming;
  bytes = 0;

  constructor(wire: Wire, framing: StreamFraming) {
    this.#wire = wire;
    this.#framing = framing;
  }

  get gone(): boolean {
    return this.#wire.ended !== undefined && this.#wire.ended !== 'clean';
  }

  write(piece: Uint8Array | string): MaybePromise<void> {
    const bytes = typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece;
    if (bytes.length === 0) return undefined;
    this.bytes += bytes.length;
    if (this.#framing !== 'chunked') return this.#wire.write(bytes);
    return this.#wire.writeAll(encodeChunk(bytes));
  }

  finish(): MaybePromise<void> {
    return this.#framing === 'chunked' ? this.#wire.write(LAST_CHUNK) : undefined;
  }
}
