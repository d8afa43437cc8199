/** Cuts a body that comes in pieces behind its line ends. What is kept between two pieces is bounded. */
export class LineCutter {
  readonly #bytesMax: number;
  /** The beginning of a line whose end has not come. */
  #rest: Uint8Array = NOTHING;
  #skips = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /**
   * The whole lines up to the end of `piece`, as texts in which each ends with a line feed. `undefined` stands for a line that
   * came in several pieces and is too long; whoever reads the texts looks at the length of the others.
   */
  take(piece: Uint8Array): readonly (string | undefined)[] {
    const texts: (string | undefined)[] = [];
    let start = 0;
    if (this.#skips || this.#rest.length > 0) {
      const end = piece.indexOf(LF);
      if (end < 0) {
        this.#keep(piece, texts);
        return texts;
      }
      if (!this.#skips) this.#joined(piece.subarray(0, end + 1), texts);
      this.#skips = false;
      start = end + 1;
    }
    const last = piece.lastIndexOf(LF);
    if (last >= start) texts.push(decode(piece.subarray(start, last + 1)));
    this.#keep(piece.subarray(Math.max(start, last + 1)), texts);
    return texts;
  }

  /** The last line, when the body does not end with a line feed. */
  end(): readonly (string | undefined)[] {
    if (this.#rest.length === 0) return [];
    const text = decode(this.#rest);
    this.#rest = NOTHING;
    return [`${text}\n`];
  }

  #joined(ending: Uint8Array, texts: (string | undefined)[]): void {
    if (this.#rest.length + ending.length > this.#bytesMax + 1) texts.push(undefined);
    else texts.push(decode(Buffer.concat([this.#rest, ending])));
    this.#rest = NOTHING;
  }

  /** A copy: the piece is gone with the next one. */
  #keep(piece: Uint8Array, texts: (string | undefined)[]): void {
    if (piece.length === 0 || this.#skips) return;
    if (this.#rest.length + piece.length > this.#bytesMax) {
      texts.push(undefined);
      this.#rest = NOTHING;
      this.#skips = true;
    } else this.#rest = Buffer.concat([this.#rest, piece]);
  }
}

const LF = 10;
const NOTHING = new Uint8Array(0);

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
