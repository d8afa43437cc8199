/** URLs that were handed in, by their identifier. The oldest are forgotten. */
export class SubmittedUrls {
  readonly #entriesMax: number;
  readonly #urls = new Map<string, string>();

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  set(id: string, url: string): void {
    if (this.#entriesMax === 0) return;
    this.#urls.delete(id);
    if (this.#urls.size >= this.#entriesMax) {
      const [oldest] = this.#urls.keys();
      if (oldest !== undefined) this.#urls.delete(oldest);
    }
    this.#urls.set(id, url);
  }

  get(id: string): string | undefined {
    return this.#urls.get(id);
  }
}
