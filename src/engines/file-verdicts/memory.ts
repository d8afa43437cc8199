/** Texts by key within a bound of bytes; those that were not asked for longest leave first. */
export class TextMemory {
  readonly #bytesMax: () => number;
  readonly #texts = new Map<string, string>();
  #bytes = 0;

  constructor(bytesMax: () => number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  set(key: string, text: string): void {
    this.#delete(key);
    const bytesMax = this.#bytesMax();
    const own = sizeOf(key, text);
    if (own > bytesMax) return;
    this.#texts.set(key, text);
    this.#bytes += own;
    for (const oldest of this.#texts.keys()) {
      if (this.#bytes <= bytesMax) break;
      this.#delete(oldest);
    }
  }

  get(key: string): string | undefined {
    const text = this.#texts.get(key);
    if (text === undefined) return undefined;
    this.#texts.delete(key);
    this.#texts.set(key, text);
    return text;
  }

  #delete(key: string): void {
    const text = this.#texts.get(key);
    if (text === undefined) return;
    this.#texts.delete(key);
    this.#bytes -= sizeOf(key, text);
  }
}

/** Memory of an entry, about: two bytes a character at most, and the map's own. */
function sizeOf(key: string, text: string): number {
  return 2 * (key.length + text.length) + 100;
}
