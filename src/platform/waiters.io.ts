/** Those who wait until something changes, each for at most a time. */
export class Waiters {
  readonly #wakes = new Set<() => void>();

  /** Resolves at the next `wake`, or when the time is over. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wakes.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms).unref();
      this.#wakes.add(done);
    });
  }

  wake(): void {
    for (const wake of this.#wakes) wake();
  }
}
