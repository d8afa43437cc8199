import type { EventRow } from './event.ts';

/**
 * Rows on their way to the disk, up to a bound. The first of an incident stay and what comes later finds no room, but
 * an alert does: it takes the place of the newest that is none.
 */
export class WaitingRows {
  readonly #rowsMax: number;
  #rows: EventRow[] = [];

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  get length(): number {
    return this.#rows.length;
  }

  /** False: something was given up, this row or the one whose place it took. `row` is made when there is room. */
  add(type: string, row: () => EventRow): boolean {
    if (this.#rows.length < this.#rowsMax) {
      this.#rows.push(row());
      return true;
    }
    const place = isAlert(type) ? this.#rows.findLastIndex((each) => !isAlert(each[1])) : -1;
    if (place < 0) return false;
    this.#rows.splice(place, 1);
    this.#rows.push(row());
    return false;
  }

  /** Rows that were taken and could not be written go first again. Gives the number of rows for which that left no room. */
  putBack(rows: readonly EventRow[]): number {
    const all = [...rows, ...this.#rows];
    const excess = Math.max(0, all.length - this.#rowsMax);
    let left = excess;
    for (let at = all.length - 1; at >= 0 && left > 0; at--) {
      if (isAlert(all[at]?.[1])) continue;
      all.splice(at, 1);
      left--;
    }
    this.#rows = all.slice(0, this.#rowsMax);
    return excess;
  }

  /** One that goes before all others, whatever room there is. */
  first(row: EventRow): void {
    this.#rows.unshift(row);
  }

  take(count: number): readonly EventRow[] {
    const taken = this.#rows.slice(0, count);
    this.#rows = this.#rows.slice(taken.length);
    return taken;
  }
}

/** What somebody is told of by a rule: few, and the reason that the others are looked at. */
function isAlert(type: unknown): boolean {
  return typeof type === 'string' && type.startsWith('alert.');
}
