import type { Gauge } from '../../kernel/index.ts';

/** So much of a body is held back however many bodies there are. */
const WINDOW_MIN = 16_384;

/** What all bodies of an edge hold together. */
export class HeldBudget {
  readonly windowBytes: number;
  readonly #totalMax: number;
  readonly #gauge: Gauge;
  #used = 0;

  constructor(windowBytes: number, totalMax: number, gauge: Gauge) {
    this.windowBytes = windowBytes;
    this.#totalMax = totalMax;
    this.#gauge = gauge;
  }

  get isUsedUp(): boolean {
    return this.#used > this.#totalMax;
  }

  add(bytes: number): void {
    this.#used += bytes;
    this.#gauge.add(bytes);
  }
}

/** Long bodies are held in blocks that are used again: copies of each piece would be garbage by the gigabyte. */
const BLOCK_BYTES = 65_536;
const SPARE_MAX = 4;

/** Bytes `[start, end)` of a buffer; a block has room behind them. */
interface Piece {
  readonly buffer: Buffer;
  start: number;
  end: number;
}

/** The end of a body that is not passed on yet: copies, because the bytes of a wire are gone with its next read. */
export class HeldBody {
  readonly #budget: HeldBudget;
  #pieces: Piece[] = [];
  /** Blocks whose bytes have been taken and may still be on their way. */
  #taken: Buffer[] = [];
  #spare: Buffer[] = [];
  bytes = 0;

  constructor(budget: HeldBudget) {
    this.#budget = budget;
  }

  /** How much may be held now. */
  get window(): number {
    return this.#budget.isUsedUp ? WINDOW_MIN : this.#budget.windowBytes;
  }

  add(bytes: Uint8Array): void {
    this.#count(bytes.length);
    for (let at = 0; at < bytes.length;) {
      const piece = this.#withRoom(bytes.length - at);
      const size = Math.min(bytes.length - at, piece.buffer.length - piece.end);
      piece.buffer.set(bytes.subarray(at, at + size), piece.end);
      piece.end += size;
      at += size;
    }
  }

  /** Takes the oldest bytes out, at most `most` of them. They are good until `recycle`. */
  take(most: number = this.bytes): readonly Uint8Array[] {
    const count = Math.min(most, this.bytes);
    const taken: Uint8Array[] = [];
    let left = count;
    let whole = 0;
    for (const piece of this.#pieces) {
      if (left === 0) break;
      const size = Math.min(left, piece.end - piece.start);
      taken.push(piece.buffer.subarray(piece.start, piece.start + size));
      piece.start += size;
      left -= size;
      if (piece.start < piece.end) break;
      whole++;
      if (piece.buffer.length === BLOCK_BYTES) this.#taken.push(piece.buffer);
    }
    this.#pieces.splice(0, whole);
    this.#count(-count);
    return taken;
  }

  /** What was taken has been written. */
  recycle(): void {
    for (const block of this.#taken) if (this.#spare.length < SPARE_MAX) this.#spare.push(block);
    this.#taken = [];
  }

  clear(): void {
    this.#pieces = [];
    this.#taken = [];
    this.#spare = [];
    this.#count(-this.bytes);
  }

  #withRoom(bytes: number): Piece {
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.end < last.buffer.length) return last;
    // A short body gets what it needs, a long one blocks.
    const isLong = bytes >= BLOCK_BYTES || this.bytes > BLOCK_BYTES;
    const buffer = isLong
      ? (this.#spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES))
      : Buffer.allocUnsafe(bytes);
    const piece = { buffer, start: 0, end: 0 };
    this.#pieces.push(piece);
    return piece;
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    if (bytes !== 0) this.#budget.add(bytes);
  }
}
