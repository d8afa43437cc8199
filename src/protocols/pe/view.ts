import type { PeSource } from './types.ts';

const NOTHING: DataView = new DataView(new ArrayBuffer(0));

/** Little-endian numbers and strings of a file. What is not there is `undefined`, wherever a pointer leads. */
export class View {
  readonly source: PeSource;
  /** Many small reads stand beside each other. */
  #window = NOTHING;
  #at = 0;

  constructor(source: PeSource) {
    this.source = source;
  }

  u16(at: number): number | undefined {
    const place = this.#place(at, 2);
    return place < 0 ? undefined : this.#window.getUint16(place, true);
  }

  u32(at: number): number | undefined {
    const place = this.#place(at, 4);
    return place < 0 ? undefined : this.#window.getUint32(place, true);
  }

  /** As a double: exact up to 2^53. */
  u64(at: number): number | undefined {
    const place = this.#place(at, 8);
    if (place < 0) return undefined;
    return this.#window.getUint32(place, true) + this.#window.getUint32(place + 4, true) * 2 ** 32;
  }

  /** Up to the zero byte or `lengthMax`; `undefined` where nothing is. */
  text(at: number, lengthMax: number): string | undefined {
    const place = this.#place(at, 1);
    if (place < 0) return undefined;
    const whole = place + lengthMax <= this.#window.byteLength || !this.#canMove(at, lengthMax);
    const start = whole ? place : this.#moved(at);
    let text = '';
    for (let step = 0; step < lengthMax && start + step < this.#window.byteLength; step++) {
      const byte = this.#window.getUint8(start + step);
      if (byte === 0) break;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #canMove(at: number, length: number): boolean {
    return this.#at + this.#window.byteLength < Math.min(this.source.size, at + length);
  }

  #place(at: number, length: number): number {
    if (!Number.isSafeInteger(at) || at < 0 || at + length > this.source.size) return -1;
    const place = at - this.#at;
    if (place >= 0 && place + length <= this.#window.byteLength) return place;
    return this.#moved(at);
  }

  #moved(at: number): number {
    // What stands before is asked for about as often as what follows.
    this.#at = Math.max(0, at - 1_024);
    const bytes = this.source.read(this.#at, WINDOW);
    this.#window = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return at - this.#at < bytes.length ? at - this.#at : -1;
  }
}

const WINDOW = 8_192;
