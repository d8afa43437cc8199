/** Encoded updates that several clients ask for, bounded by bytes; what was used longest ago goes first. */
export class AnswerCache<T> {
  readonly #bytesMax: number;
  readonly #bytesOf: (answer: T) => number;
  readonly #answers = new Map<string, Promise<T>>();
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  constructor(bytesMax: number, bytesOf: (answer: T) => number) {
    this.#bytesMax = bytesMax;
    this.#bytesOf = bytesOf;
  }

  /** The answer of that key; requests that come while it is made share it. */
  get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(key);
    if (known !== undefined) {
      this.#answers.delete(key);
      this.#answers.set(key, known);
      return known;
    }
    const answer = make();
    this.#answers.set(key, answer);
    answer.then(
      (made) => this.#made(key, this.#bytesOf(made)),
      () => this.#answers.delete(key),
    );
    return answer;
  }

  #made(key: string, bytes: number): void {
    this.#sizes.set(key, bytes);
    this.#bytes += bytes;
    for (const oldest of this.#answers.keys()) {
      if (this.#bytes <= this.#bytesMax) break;
      const size = this.#sizes.get(oldest);
      // Still being made.
      if (size === undefined) continue;
      this.#answers.delete(oldest);
      this.#sizes.delete(oldest);
      this.#bytes -= size;
    }
  }
}
