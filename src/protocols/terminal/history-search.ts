import { printable } from './text.ts';

/** A longer query finds nothing that somebody typed. */
const QUERY_CHARS_MAX = 200;

/** The search of readline through older lines: each sign narrows it, the same key again goes on. */
export class HistorySearch {
  readonly #history: readonly string[];
  #query = '';
  /** Where it stands; the length of the history: nowhere yet. */
  #place: number;
  #failed = false;

  /** Oldest first. */
  constructor(history: readonly string[]) {
    this.#history = history;
    this.#place = history.length;
  }

  /** The line that was found last, and where in it; `undefined`: none yet. */
  get found(): { readonly place: number; readonly line: string; readonly at: number } | undefined {
    const line = this.#history[this.#place];
    return line === undefined
      ? undefined
      : { place: this.#place, line, at: Math.max(0, line.lastIndexOf(this.#query)) };
  }

  /** As bash shows it. */
  get prompt(): string {
    return `(${this.#failed ? 'failed ' : ''}reverse-i-search)'${this.#query}': `;
  }

  /** The line that stands there is looked at first: it may have the longer query, too. */
  type(text: string): void {
    this.#query = (this.#query + printable(text)).slice(0, QUERY_CHARS_MAX);
    this.#look(Math.min(this.#place, this.#history.length - 1), -1);
  }

  shorten(): void {
    this.#query = Array.from(this.#query).slice(0, -1).join('');
    this.#place = this.#history.length;
    this.#failed = false;
    if (this.#query !== '') this.#look(this.#place - 1, -1);
  }

  older(): void {
    if (this.#query !== '') this.#look(this.#place - 1, -1);
  }

  newer(): void {
    if (this.#query !== '') this.#look(this.#place + 1, 1);
  }

  /** Lines that are the same as the one that stands there are passed over. */
  #look(from: number, step: 1 | -1): void {
    const shown = this.found?.line;
    for (let at = from; at >= 0 && at < this.#history.length; at += step) {
      const line = this.#history[at] ?? '';
      if (!line.includes(this.#query) || (line === shown && at !== this.#place)) continue;
      this.#place = at;
      this.#failed = false;
      return;
    }
    this.#failed = true;
  }
}
