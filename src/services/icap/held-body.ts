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

/** The end of a body that is not passed on yet: a queue of copies, because the bytes of a wire are gone with its next read. */
export class HeldBody {
  readonly #budget: HeldBudget;
  #pieces: Uint8Array[] = [];
  bytes = 0;

  constructor(budget: HeldBudget) {
    this.#budget = budget;
  }

  /** How much may be held now. */
  get window(): number {
    return this.#budget.isUsedUp ? WINDOW_MIN : this.#budget.windowBytes;
  }

  add(bytes: Uint8Array): void {
    this.#pieces.push(Uint8Array.prototype.slice.call(bytes));
    this.#count(bytes.length);
  }

  /** Takes the oldest bytes out, at most `most` of them. */
  take(most: number = this.bytes): readonly Uint8Array[] {
    const count = Math.min(most, this.bytes);
    const taken: Uint8Array[] = [];
    let left = count;
    let at = 0;
    for (; at < this.#pieces.length && left > 0; at++) {
      const piece = this.#pieces[at]!;
      if (piece.length > left) {
        taken.push(piece.subarray(0, left));
        this.#pieces[at] = piece.subarray(left);
        left = 0;
        break;
      }
      taken.push(piece);
      left -= piece.length;
    }
    this.#pieces.splice(0, at);
    this.#count(left - count);
    return taken;
  }

  clear(): void {
    this.#pieces = [];
    this.#count(-this.bytes);
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    if (bytes !== 0) this.#budget.add(bytes);
  }
}
