import type { Key } from './keys.ts';
import { widthOf } from './text.ts';

const MORE = '--More--';
const CODES = /\u001B\[[0-9;]*m/g; // oxlint-disable-line no-control-regex -- color codes of our own

/** A text, a screen at a time. Keys in, what the terminal must be sent out. */
export class Pager {
  readonly #lines: readonly string[];
  readonly #rows: number;
  readonly #columns: number;
  #at = 0;

  /** `rows` 0: everything at once. */
  constructor(text: string, { rows, columns }: { readonly rows: number; readonly columns: number }) {
    this.#lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
    this.#rows = rows;
    this.#columns = Math.max(1, columns);
  }

  get done(): boolean {
    return this.#at >= this.#lines.length;
  }

  first(): string {
    return this.#page(this.#rows === 0 ? Infinity : Math.max(1, this.#rows - 1));
  }

  /** Space: a page; Enter or down: a line; `q` or Ctrl-C: no more; `G`: all that is left. */
  press(key: Key): string {
    if (key.kind === 'key') {
      if (key.name === 'enter' || key.name === 'down') return this.#next(1);
      if (key.name !== 'interrupt' && key.name !== 'end-of-input') return '';
      return this.#quit();
    }
    // What is pasted was meant for a prompt.
    if (key.pasted === true) return '';
    const sign = key.text[0];
    if (sign === ' ' || sign === 'f') return this.#next(Math.max(1, this.#rows - 1));
    if (sign === 'j') return this.#next(1);
    if (sign === 'G') return this.#next(Infinity);
    return sign === 'q' || sign === 'Q' ? this.#quit() : '';
  }

  #quit(): string {
    this.#at = this.#lines.length;
    return wiped('');
  }

  #next(rows: number): string {
    return wiped(this.#page(rows));
  }

  #page(rows: number): string {
    let text = '';
    for (let left = rows; left > 0 && !this.done; this.#at++) {
      const line = this.#lines[this.#at]!;
      const height = Math.max(1, Math.ceil(widthOf(line.replaceAll(CODES, '')) / this.#columns));
      if (height > left && left < rows) break;
      left -= height;
      text += `${line}\r\n`;
    }
    return this.done ? text : text + MORE;
  }
}

/** The word at the bottom goes away before the text goes on. */
function wiped(text: string): string {
  return `\r\u001B[K${text}`;
}
