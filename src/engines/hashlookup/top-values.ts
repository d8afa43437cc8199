export type TopCounts = readonly (readonly [value: string, count: number])[];

/**
 * Counts the values that come most often, in bounded memory: when it is full all counts are halved and what
 * came once is forgotten, so that values that keep coming stay (a decaying form of lossy counting).
 */
export class TopValues {
  readonly #valuesMax: number;
  readonly #counts = new Map<string, number>();

  constructor(valuesMax: number) {
    this.#valuesMax = valuesMax;
  }

  add(value: string): void {
    if (this.#valuesMax === 0) return;
    const count = this.#counts.get(value);
    if (count === undefined && this.#counts.size >= this.#valuesMax) this.#decay();
    this.#counts.set(value, (count ?? 0) + 1);
  }

  top(countMax: number): TopCounts {
    return [...this.#counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, countMax);
  }

  #decay(): void {
    for (const [value, count] of this.#counts) {
      if (count > 1) this.#counts.set(value, count >> 1);
      else this.#counts.delete(value);
    }
    // All came equally often: the oldest half goes, or the next value would find no room.
    let surplus = this.#counts.size - (this.#valuesMax >> 1);
    for (const value of this.#counts.keys()) {
      if (surplus-- <= 0) break;
      this.#counts.delete(value);
    }
  }
}

/** The counts of several processes as one. */
export function joinTops(tops: readonly TopCounts[], countMax: number): TopCounts {
  const sums = new Map<string, number>();
  for (const top of tops) for (const [value, count] of top) sums.set(value, (sums.get(value) ?? 0) + count);
  return [...sums].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, countMax);
}
