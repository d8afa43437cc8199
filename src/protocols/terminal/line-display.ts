import { widthOf } from './text.ts';

const PROMPT_CODES = /\u001B\[[0-9;]*m/g; // oxlint-disable-line no-control-regex -- color codes of our own

export interface LineDisplayOptions {
  readonly columns: number;
  /** Only the prompt is shown: a password. */
  readonly silent: boolean;
}

/** A prompt and a line on a terminal of so many columns: what must be sent so that it shows them. */
export class LineDisplay {
  readonly #silent: boolean;
  #columns: number;
  #prompt = '';
  #promptColumns = 0;
  #row = 0;
  /** Nothing stands on this row of the terminal. */
  #fresh = true;
  /** Where the next sign goes behind the last one; `undefined`: not known. */
  #end: Position | undefined;
  #output = '';

  constructor({ columns, silent }: LineDisplayOptions) {
    this.#silent = silent;
    this.#columns = Math.max(1, columns);
  }

  set columns(columns: number) {
    this.#columns = Math.max(1, columns);
  }

  /** As shown from the next `draw` on; its escape sequences take no columns. */
  set prompt(prompt: string) {
    this.#prompt = prompt;
    this.#promptColumns = widthOf(prompt.replaceAll(PROMPT_CODES, ''));
  }

  /** What the terminal must be sent since the last call. */
  take(): string {
    const output = this.#output;
    this.#output = '';
    return output;
  }

  /** Sent as it is, behind everything else. */
  write(text: string): void {
    this.#output += text;
  }

  /** The terminal's cursor is on a row that nothing stands on. */
  renew(): void {
    this.#row = 0;
    this.#fresh = true;
  }

  draw(cells: readonly string[], cursor: number): void {
    // The prompt of a password stands, whatever is typed behind it.
    if (this.#silent && !this.#fresh) return;
    const up = this.#row > 0 ? `\u001B[${this.#row}A` : '';
    // A fresh line needs no erasing, and programs that wait for the prompt see it alone.
    this.#output += this.#fresh ? this.#prompt : `${up}\r\u001B[J${this.#prompt}`;
    this.#fresh = false;
    this.#row = 0;
    if (this.#silent) return;
    this.#output += cells.join('');
    this.#end = this.#positionOf(cells, cells.length);
    this.#wrap(this.#end);
    this.move(cells, cells.length, cursor);
  }

  /** Shows the last cells, which are new, behind what stands there. */
  append(cells: readonly string[], added: number): void {
    if (this.#silent) return;
    this.#output += cells.slice(cells.length - added).join('');
    let end = this.#end;
    if (end === undefined) end = this.#positionOf(cells, cells.length);
    else for (const cell of cells.slice(cells.length - added)) end = this.#step(end, cell);
    this.#end = end;
    this.#wrap(end);
  }

  /** Takes the last cell away; false: the line must be drawn. `cells` are what is left. */
  eraseLast(cells: readonly string[], removed: string): boolean {
    this.#end = undefined;
    // The common case, and the one that programs look at.
    const isPlain =
      widthOf(removed) === 1 && this.#positionOf(cells, cells.length).column < this.#columns - 1;
    if (this.#silent || !isPlain) return false;
    this.#output += '\b \b';
    return true;
  }

  /** Moves the terminal's cursor between two places of the line. */
  move(cells: readonly string[], from: number, to: number): void {
    if (this.#silent || from === to) return;
    const [target, start] = [this.#positionOf(cells, to), this.#positionOf(cells, from)];
    const rows = target.row - start.row;
    if (rows < 0) this.#output += `\u001B[${-rows}A`;
    if (rows > 0) this.#output += `\u001B[${rows}B`;
    if (rows !== 0 || target.column !== start.column) {
      this.#output += target.column === 0 ? '\r' : `\r\u001B[${target.column}C`;
    }
    this.#row = target.row;
  }

  /** A terminal wraps only before the next sign: it is told to, so that both know the row. */
  #wrap({ row, column }: Position): void {
    if (column === 0 && row > this.#row) this.#output += '\r\n';
    this.#row = row;
  }

  #positionOf(cells: readonly string[], count: number): Position {
    const start = this.#promptColumns;
    let position: Position = { row: Math.floor(start / this.#columns), column: start % this.#columns };
    for (let at = 0; at < count; at++) position = this.#step(position, cells[at]!);
    return position;
  }

  /** A wide sign that does not fit at the edge goes to the next row. */
  #step({ row, column }: Position, cell: string): Position {
    const width = Math.min(widthOf(cell), this.#columns);
    const [ownRow, own] = column + width > this.#columns ? [row + 1, 0] : [row, column];
    return own + width === this.#columns
      ? { row: ownRow + 1, column: 0 }
      : { row: ownRow, column: own + width };
  }
}

/** A place on the terminal, counted from where the prompt begins. */
interface Position {
  readonly row: number;
  readonly column: number;
}
