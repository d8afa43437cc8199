import { Waiters } from '../../platform/index.ts';
import type { EventItem } from './event.ts';
import { type EventQuery, matches } from './query.ts';

/** What followers may still fetch when they are late. */
const KEPT = 2000;

export interface LiveAnswer {
  /** Oldest first. */
  readonly items: readonly EventItem[];
  /** To ask behind. */
  readonly after: string;
}

/** The newest events for those who follow: each asks what came after what it has, and waits when there is nothing. */
export class LiveEvents {
  #items: { readonly number: number; readonly item: EventItem }[] = [];
  #last = 0;
  readonly #waiters = new Waiters();

  add(items: readonly EventItem[]): void {
    for (const item of items) this.#items.push({ number: ++this.#last, item });
    if (this.#items.length > 2 * KEPT) this.#items = this.#items.slice(-KEPT);
    this.#waiters.wake();
  }

  async tail(
    query: EventQuery,
    after: string | undefined,
    waitMs: number,
    limit: number,
  ): Promise<LiveAnswer> {
    const from =
      after !== undefined && /^\d{1,15}$/.test(after) ? Math.min(Number(after), this.#last) : this.#last;
    const end = performance.now() + waitMs;
    for (let seen = from; ;) {
      const found = this.#items.filter(({ number, item }) => number > from && matches(query, { ...item }));
      if (found.length > 0) {
        const shown = found.slice(0, limit);
        return {
          items: shown.map(({ item }) => item),
          after: String(found.length > limit ? shown.at(-1)!.number : this.#last),
        };
      }
      seen = this.#last;
      const left = end - performance.now();
      if (left <= 0) return { items: [], after: String(seen) };
      await this.#waiters.wait(left);
    }
  }
}
