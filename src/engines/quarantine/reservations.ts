import type { Clock } from '../../kernel/index.ts';

interface Reservation {
  readonly storedBytes: number;
  readonly pid: number;
  readonly atMs: number;
}

/** Places of items that edges are writing. They count against the quota, so that it holds for all edges together. */
export class Reservations {
  readonly #clock: Clock;
  readonly #lifeMs: () => number;
  readonly #places = new Map<string, Reservation>();

  constructor(clock: Clock, lifeMs: () => number) {
    this.#clock = clock;
    this.#lifeMs = lifeMs;
  }

  get count(): number {
    return this.#places.size;
  }

  get storedBytes(): number {
    return [...this.#places.values()].reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  }

  add(id: string, storedBytes: number, pid: number): void {
    this.#places.set(id, { storedBytes, pid, atMs: this.#clock.now() });
  }

  has(id: string): boolean {
    return this.#places.has(id);
  }

  delete(id: string): void {
    this.#places.delete(id);
  }

  /** What an edge that died was writing is never finished. */
  forgetEdge(pid: number): void {
    for (const [id, place] of this.#places) if (place.pid === pid) this.#places.delete(id);
  }

  forgetOld(): void {
    const before = this.#clock.now() - this.#lifeMs();
    for (const [id, place] of this.#places) if (place.atMs <= before) this.#places.delete(id);
  }
}
