/** Records one after the other: `bytes` from `at` is the current one. */
export interface RecordStream {
  readonly bytes: Uint8Array;
  readonly at: number;
  /** Moves to the next record; `false` at the end. Once before the first. */
  next(): boolean;
}

/** Merges sorted streams: `top` has the smallest record. A binary heap, so that many runs cost little. */
export class RecordHeap<S extends RecordStream> {
  readonly #heap: S[] = [];
  readonly #compare: (x: S, y: S) => number;

  constructor(streams: readonly S[], compare: (x: S, y: S) => number) {
    this.#compare = compare;
    for (const stream of streams) if (stream.next()) this.#heap.push(stream);
    for (let at = (this.#heap.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  get top(): S | undefined {
    return this.#heap[0];
  }

  /** Moves the stream at the top on. */
  advance(): void {
    const heap = this.#heap;
    const top = heap[0]!;
    if (!top.next()) {
      const last = heap.pop()!;
      if (last === top) return;
      heap[0] = last;
    }
    if (heap.length > 1) this.#sink(0);
  }

  #sink(start: number): void {
    const heap = this.#heap;
    const sinking = heap[start]!;
    let at = start;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#compare(heap[child + 1]!, heap[child]!) < 0) child++;
      if (this.#compare(sinking, heap[child]!) <= 0) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = sinking;
  }
}
