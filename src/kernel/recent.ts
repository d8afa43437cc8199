/**
 * Keeps what was asked for lately, at most `entriesMax` of it, in two generations: when the young one has half of them, it
 * becomes the old one, and what was asked for in neither is gone. An entry that is found in the young one is not touched. A
 * `Map` that takes each entry out and puts it in again at every question makes its whole table anew whenever that is
 * full of holes, for a table that is nearly full at almost every question.
 */
export class Recent<K, V> {
  readonly #half: number;
  readonly #keepsOld: boolean;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  /** `entriesMax`: 0 keeps nothing. */
  constructor(entriesMax: number) {
    this.#half = entriesMax < 1 ? 0 : Math.max(1, Math.floor(entriesMax / 2));
    this.#keepsOld = entriesMax > 1;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    if (this.#half === 0) return;
    this.#old.delete(key);
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#keepsOld ? this.#young : new Map();
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: K): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
  }
}
