/** What was opened one after the other; closed in reverse order, each once, also when opening the next one fails. */
export class Opened {
  readonly #closers: (() => unknown)[] = [];

  /** Notes how the thing is closed, and gives it back. */
  add<T>(thing: T, close: (thing: T) => unknown): T {
    this.#closers.push(() => close(thing));
    return thing;
  }

  /** Rejects with the first failure, after all were closed. */
  async close(): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure !== undefined) throw failure.error;
  }
}
