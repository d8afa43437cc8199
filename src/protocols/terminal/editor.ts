import type { Key, KeyName } from './keys.ts';
import { printable, widthOf } from './text.ts';
import { typedWords } from './words.ts';

export interface EditorOptions {
  /** As shown; its escape sequences take no columns. */
  readonly prompt: string;
  readonly columns: number;
  /** Oldest first. */
  readonly history?: readonly string[];
  /** UTF-16 units of a line; what is more makes the line `too-long`. */
  readonly charsMax: number;
  /** What is typed is not shown: a password. */
  readonly silent?: boolean;
}

/** What a key means for whoever asked for the line. */
export type Pressed =
  | 'editing'
  | 'line'
  | 'too-long'
  | 'interrupt'
  | 'end-of-input'
  /** Tab, and a question mark where help is asked for. */
  | 'complete'
  | 'help';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const PROMPT_CODES = /\u001B\[[0-9;]*m/g; // oxlint-disable-line no-control-regex -- color codes of our own

/**
 * One line as somebody types it: keys in, what the terminal must be sent out (`take`). Knows nothing of a
 * terminal but its width. At the end of a line typing costs one write of what was typed, so that programs that
 * read the echo see exactly that.
 */
export class LineEditor {
  readonly #prompt: string;
  readonly #promptColumns: number;
  readonly #silent: boolean;
  readonly #charsMax: number;
  readonly #history: readonly string[];
  #columns: number;
  #cells: string[] = [];
  #cursor = 0;
  #length = 0;
  /** Place in the history; its length: the new line. */
  #place: number;
  #draft: readonly string[] = [];
  #killed: readonly string[] = [];
  #tooLong = false;
  #row = 0;
  /** Nothing stands on this row of the terminal. */
  #fresh = true;
  /** Where the next sign goes behind the last one; `undefined`: not known. */
  #end: Position | undefined;
  #output = '';

  constructor(options: EditorOptions) {
    this.#prompt = options.prompt;
    this.#promptColumns = widthOf(options.prompt.replaceAll(PROMPT_CODES, ''));
    this.#silent = options.silent === true;
    this.#charsMax = options.charsMax;
    this.#columns = Math.max(1, options.columns);
    this.#history = options.history ?? [];
    this.#place = this.#history.length;
    this.#draw();
  }

  get text(): string {
    return this.#cells.join('');
  }

  get beforeCursor(): string {
    return this.#cells.slice(0, this.#cursor).join('');
  }

  /** What the terminal must be sent since the last call. */
  take(): string {
    const output = this.#output;
    this.#output = '';
    return output;
  }

  press(key: Key): Pressed {
    if (key.kind === 'text') {
      if (key.text === '?' && !this.#silent && this.#asksForHelp()) return 'help';
      this.insert(key.text);
      return 'editing';
    }
    switch (key.name) {
      case 'enter':
        this.leave();
        return this.#tooLong ? 'too-long' : 'line';
      case 'interrupt':
        this.#moveTo(this.#cells.length);
        this.#output += '^C\r\n';
        return 'interrupt';
      case 'end-of-input':
        if (this.#cells.length > 0) return this.#edit('delete');
        return 'end-of-input';
      case 'tab':
        return this.#silent ? 'editing' : 'complete';
      default:
        return this.#edit(key.name);
    }
  }

  insert(text: string): void {
    if (this.#tooLong || this.#length + text.length > this.#charsMax) {
      this.#tooLong = true;
      return;
    }
    const added = Array.from(graphemes.segment(printable(text)), ({ segment }) => segment);
    if (added.length === 0) return;
    const atEnd = this.#cursor === this.#cells.length;
    const joins = atEnd && this.#cells.length > 0 && !isPlain(added[0]!);
    this.#length += text.length;
    if (atEnd && !joins) {
      for (const cell of added) this.#cells.push(cell);
      this.#cursor = this.#cells.length;
      this.#append(added);
      return;
    }
    this.#cells = cellsOf([...this.#cells.slice(0, this.#cursor), ...added].join('')).concat(
      this.#cells.slice(this.#cursor),
    );
    this.#cursor = Math.min(this.#cursor + added.length, this.#cells.length);
    this.#draw();
  }

  /** Goes below the line, for something else to be printed. */
  leave(): void {
    this.#moveTo(this.#cells.length);
    this.#output += '\r\n';
    this.#row = 0;
    this.#fresh = true;
  }

  /** Shows the line again after `leave`. */
  show(): void {
    this.#row = 0;
    this.#draw();
  }

  resize(columns: number): void {
    this.#columns = Math.max(1, columns);
    this.#draw();
  }

  #asksForHelp(): boolean {
    const { current, quoted } = typedWords(this.beforeCursor);
    // The query of a URL begins with one, too.
    return !quoted && !current.includes('://') && !current.includes('/');
  }

  #edit(name: KeyName): Pressed {
    const at = this.#cursor;
    const end = this.#cells.length;
    switch (name) {
      case 'left':
        return this.#moveTo(Math.max(0, at - 1));
      case 'right':
        return this.#moveTo(Math.min(end, at + 1));
      case 'home':
        return this.#moveTo(0);
      case 'end':
        return this.#moveTo(end);
      case 'word-left':
        return this.#moveTo(this.#wordStart(at));
      case 'word-right':
        return this.#moveTo(this.#wordEnd(at));
      case 'backspace':
        return this.#remove(at - 1, at, false);
      case 'delete':
        return this.#remove(at, at + 1, false);
      case 'delete-word':
        return this.#remove(at, this.#wordEnd(at), true);
      case 'delete-word-back':
        return this.#remove(this.#wordStart(at), at, true);
      case 'kill-word-back':
        return this.#remove(this.#blankBefore(at), at, true);
      case 'kill-to-end':
        return this.#remove(at, end, true);
      case 'kill-to-start':
        return this.#remove(0, at, true);
      case 'yank':
        this.insert(this.#killed.join(''));
        return 'editing';
      case 'transpose':
        return this.#transpose();
      case 'up':
        return this.#recall(this.#place - 1);
      case 'down':
        return this.#recall(this.#place + 1);
      case 'redraw':
        this.#output += '\u001B[H\u001B[2J';
        this.#fresh = true;
        this.show();
        return 'editing';
      default:
        return 'editing';
    }
  }

  #remove(from: number, to: number, keep: boolean): Pressed {
    const [start, end] = [Math.max(0, from), Math.min(this.#cells.length, to)];
    if (start >= end) return 'editing';
    const removed = this.#cells.splice(start, end - start);
    this.#end = undefined;
    if (keep) this.#killed = removed;
    this.#length -= removed.join('').length;
    this.#tooLong = false;
    const wasAtEnd = start === this.#cells.length && end - start === 1 && this.#cursor === end;
    this.#cursor = start;
    // The common case, and the one that programs look at.
    if (
      wasAtEnd &&
      !this.#silent &&
      widthOf(removed[0]!) === 1 &&
      this.#columnOf(start) < this.#columns - 1
    ) {
      this.#output += '\b \b';
      return 'editing';
    }
    this.#draw();
    return 'editing';
  }

  #transpose(): Pressed {
    const at = Math.min(this.#cursor, this.#cells.length - 1);
    if (at < 1) return 'editing';
    const [before, after] = [this.#cells[at - 1]!, this.#cells[at]!];
    this.#cells.splice(at - 1, 2, after, before);
    this.#cursor = at + 1;
    this.#draw();
    return 'editing';
  }

  #recall(place: number): Pressed {
    if (this.#silent || place < 0 || place > this.#history.length) return 'editing';
    if (this.#place === this.#history.length) this.#draft = [...this.#cells];
    this.#place = place;
    this.#cells = place === this.#history.length ? [...this.#draft] : cellsOf(this.#history[place] ?? '');
    this.#length = this.text.length;
    this.#tooLong = false;
    this.#cursor = this.#cells.length;
    this.#draw();
    return 'editing';
  }

  #wordStart(from: number): number {
    let at = from;
    while (at > 0 && !isWord(this.#cells[at - 1]!)) at--;
    while (at > 0 && isWord(this.#cells[at - 1]!)) at--;
    return at;
  }

  #wordEnd(from: number): number {
    let at = from;
    while (at < this.#cells.length && !isWord(this.#cells[at]!)) at++;
    while (at < this.#cells.length && isWord(this.#cells[at]!)) at++;
    return at;
  }

  #blankBefore(from: number): number {
    let at = from;
    while (at > 0 && this.#cells[at - 1] === ' ') at--;
    while (at > 0 && this.#cells[at - 1] !== ' ') at--;
    return at;
  }

  #append(added: readonly string[]): void {
    if (this.#silent) return;
    this.#output += added.join('');
    let end = this.#end;
    for (const cell of end === undefined ? [] : added) end = this.#step(end!, cell);
    end ??= this.#positionOf(this.#cells.length);
    this.#end = end;
    const { row, column } = end;
    // A terminal wraps only before the next sign: it is told to, so that both know the row.
    if (column === 0 && row > this.#row) this.#output += '\r\n';
    this.#row = row;
  }

  #draw(): void {
    // The prompt of a password stands, whatever is typed behind it.
    if (this.#silent && !this.#fresh) return;
    const up = this.#row > 0 ? `\u001B[${this.#row}A` : '';
    // A fresh line needs no erasing, and programs that wait for the prompt see it alone.
    this.#output += this.#fresh ? this.#prompt : `${up}\r\u001B[J${this.#prompt}`;
    this.#fresh = false;
    this.#row = 0;
    if (this.#silent) return;
    this.#output += this.text;
    this.#end = this.#positionOf(this.#cells.length);
    const { row, column } = this.#end;
    if (column === 0 && row > 0) this.#output += '\r\n';
    this.#row = row;
    this.#travel(this.#cursor, this.#cells.length);
  }

  #moveTo(cursor: number): Pressed {
    const from = this.#cursor;
    this.#cursor = cursor;
    if (!this.#silent && from !== cursor) this.#travel(cursor, from);
    return 'editing';
  }

  /** Moves the terminal's cursor between two places of the line. */
  #travel(to: number, from: number): void {
    const [target, start] = [this.#positionOf(to), this.#positionOf(from)];
    const rows = target.row - start.row;
    if (rows < 0) this.#output += `\u001B[${-rows}A`;
    if (rows > 0) this.#output += `\u001B[${rows}B`;
    if (rows !== 0 || target.column !== start.column) {
      this.#output += target.column === 0 ? '\r' : `\r\u001B[${target.column}C`;
    }
    this.#row = target.row;
  }

  #columnOf(cell: number): number {
    return this.#positionOf(cell).column;
  }

  #positionOf(cell: number): Position {
    const start = this.#promptColumns;
    let position = { row: Math.floor(start / this.#columns), column: start % this.#columns };
    for (let at = 0; at < cell; at++) position = this.#step(position, this.#cells[at]!);
    return position;
  }

  /** A wide sign that does not fit at the edge goes to the next row. */
  #step({ row, column }: Position, cell: string): { row: number; column: number } {
    const width = Math.min(widthOf(cell), this.#columns);
    const [ownRow, own] = column + width > this.#columns ? [row + 1, 0] : [row, column];
    return own + width === this.#columns
      ? { row: ownRow + 1, column: 0 }
      : { row: ownRow, column: own + width };
  }
}

interface Position {
  readonly row: number;
  readonly column: number;
}

function cellsOf(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** ASCII never joins what stands before it. */
function isPlain(cell: string): boolean {
  return cell.length === 1 && cell < '\u007F';
}

function isWord(cell: string): boolean {
  return /[\p{L}\p{N}]/u.test(cell);
}
