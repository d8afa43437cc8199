import { KeyDecoder, type Key } from '../../protocols/terminal/index.ts';

/** After this much silence Esc was a key of its own; sequences come in one packet. */
const ESCAPE_MS = 100;

type Later = (delayMs: number, run: () => void) => { cancel(): void };

/** Keys on their way from a terminal to whoever reads them. What is typed ahead is kept, within a bound. */
export class KeyQueue {
  readonly #decoder = new KeyDecoder();
  readonly #charsMax: number;
  readonly #onInterrupt: () => void;
  readonly #later: Later;
  #settling: { cancel(): void } | undefined;
  #keys: Key[] = [];
  #chars = 0;
  #reader: ((key: Key | undefined) => void) | undefined;
  #closed = false;

  /** `onInterrupt`: Ctrl-C while nobody reads. */
  constructor(charsMax: number, onInterrupt: () => void, later: Later) {
    this.#charsMax = charsMax;
    this.#later = later;
    this.#onInterrupt = onInterrupt;
  }

  add(bytes: Uint8Array): void {
    this.#settling?.cancel();
    this.#take(this.#decoder.keys(bytes));
    if (this.#decoder.waits) {
      this.#settling = this.#later(ESCAPE_MS, () => this.#take(this.#decoder.settle()));
    }
  }

  #take(keys: readonly Key[]): void {
    for (const key of keys) {
      const reader = this.#reader;
      if (reader !== undefined) {
        this.#reader = undefined;
        reader(key);
        continue;
      }
      if (key.kind === 'key' && key.name === 'interrupt') {
        // What was typed before belongs to what is interrupted.
        this.#keys = [];
        this.#chars = 0;
        this.#onInterrupt();
      }
      const size = key.kind === 'text' ? key.text.length : 1;
      // A megabyte without a line end becomes a line that is too long, and never more than that.
      if (this.#chars > this.#charsMax) {
        if (key.kind === 'text') continue;
      }
      if (this.#keys.length > this.#charsMax) continue;
      this.#chars += size;
      this.#keys.push(key);
    }
  }

  /** `undefined`: there will be no more. */
  next(): Promise<Key | undefined> {
    const key = this.#keys.shift();
    if (key !== undefined) {
      this.#chars -= key.kind === 'text' ? key.text.length : 1;
      return Promise.resolve(key);
    }
    if (this.#closed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  close(): void {
    this.#closed = true;
    this.#settling?.cancel();
    this.#reader?.(undefined);
    this.#reader = undefined;
  }
}
