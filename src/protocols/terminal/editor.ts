import { blankBefore, cellsOf, isPlain, wordEnd, wordStart } from './cells.ts';
import { HistorySearch } from './history-search.ts';
import type { Key, KeyName } from './keys.ts';
import { LineDisplay } from './line-display.ts';
import { printable } from './text.ts';
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
  | 'help'
  /** Several lines were pasted: all but the first are in `rest`, and none of them has run. */
  | 'pasted';

/**
 * One line as somebody types it: keys in, what the terminal must be sent out (`take`). Knows nothing of a
 * terminal but its width. At the end of a line typing costs one write of what was typed, so that programs that
 * read the echo see exactly that.
 */
export class LineEditor {
  readonly #prompt: string;
  readonly #silent: boolean;
  readonly #charsMax: number;
  readonly #history: readonly string[];
  readonly #display: LineDisplay;
  #cells: string[] = [];
  #cursor = 0;
  #length = 0;
  /** Place in the history; its length: the new line. */
  #place: number;
  #draft: string[] = [];
  #killed: readonly string[] = [];
  /** The last key has killed something, and what this one kills comes beside it. */
  #killing = false;
  #joining = false;
  #search: { readonly by: HistorySearch; readonly before: Before } | undefined;
  /** Lines that were pasted behind the first one; while `#inRest` is set, the last one still grows. */
  #rest: string[] = [];
  #inRest = false;
  #tooLong = false;
  constructor(options: EditorOptions) {
    this.#prompt = options.prompt;
    this.#silent = options.silent === true;
    this.#charsMax = options.charsMax;
    this.#display = new LineDisplay({ columns: options.columns, silent: this.#silent });
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

  /** Lines that wait until somebody has seen them, in their order. */
  get rest(): readonly string[] {
    return this.#rest;
  }

  /** What the terminal must be sent since the last call. */
  take(): string {
    return this.#display.take();
  }

  press(key: Key): Pressed {
    if (this.#search !== undefined && this.#searchBy(key)) return 'editing';
    this.#joining = this.#killing;
    this.#killing = false;
    if (key.kind === 'text') {
      const isTyped = key.pasted !== true;
      if (isTyped && key.text === '?' && !this.#silent && this.#asksForHelp()) return 'help';
      if (this.#inRest && !isTyped) this.#collect(key.text);
      else this.insert(key.text);
      return 'editing';
    }
    switch (key.name) {
      case 'enter':
        this.leave();
        return this.#tooLong ? 'too-long' : 'line';
      case 'interrupt':
        this.#moveTo(this.#cells.length);
        this.#display.write('^C\r\n');
        return 'interrupt';
      case 'end-of-input':
        if (this.#cells.length > 0) return this.#edit('delete');
        return 'end-of-input';
      case 'tab':
        return this.#silent ? 'editing' : 'complete';
      case 'pasted-enter':
        this.#rest.push('');
        this.#inRest = true;
        return 'editing';
      case 'paste-end':
        return this.#endPaste();
      case 'search-back':
        return this.#beginSearch();
      default:
        return this.#edit(key.name);
    }
  }

  insert(text: string): void {
    if (this.#tooLong || this.#length + text.length > this.#charsMax) {
      this.#tooLong = true;
      return;
    }
    const added = cellsOf(printable(text));
    if (added.length === 0) return;
    const atEnd = this.#cursor === this.#cells.length;
    const joins = atEnd && this.#cells.length > 0 && !isPlain(added[0]!);
    this.#length += text.length;
    if (atEnd && !joins) {
      for (const cell of added) this.#cells.push(cell);
      this.#cursor = this.#cells.length;
      this.#display.append(this.#cells, added.length);
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
    this.#display.write('\r\n');
    this.#display.renew();
  }

  /** Shows the line again after `leave`. */
  show(): void {
    this.#draw();
  }

  resize(columns: number): void {
    this.#display.columns = columns;
    this.#draw();
  }

  #collect(text: string): void {
    const length = this.#rest.reduce((sum, line) => sum + line.length, this.#length) + text.length;
    if (length > this.#charsMax) this.#tooLong = true;
    else this.#rest.push(`${this.#rest.pop() ?? ''}${printable(text)}`);
  }

  /** What is pasted into a password ends at the first line: others are none of it. */
  #endPaste(): Pressed {
    if (!this.#inRest) return 'editing';
    this.#inRest = false;
    this.#rest = this.#silent ? [] : this.#rest.filter((line) => line.trim() !== '');
    return this.#rest.length > 0 ? 'pasted' : 'editing';
  }

  #beginSearch(): Pressed {
    if (this.#silent) return 'editing';
    const before = { cells: this.#cells, cursor: this.#cursor };
    this.#search = { by: new HistorySearch(this.#history), before };
    this.#draw();
    return 'editing';
  }

  /** True: the key belonged to the search. Any other takes what was found and then does what it does. */
  #searchBy(key: Key): boolean {
    const search = this.#search;
    if (search === undefined) return false;
    const { by, before } = search;
    const name = key.kind === 'text' ? undefined : key.name;
    if (key.kind === 'text') by.type(key.text);
    else if (name === 'backspace') by.shorten();
    else if (name === 'search-back') by.older();
    else if (name === 'search-forward') by.newer();
    else if (name !== 'unknown' && name !== 'pasted-enter' && name !== 'paste-end') {
      this.#search = undefined;
      const isOff = name === 'abort' || name === 'escape' || name === 'interrupt';
      if (isOff) this.#set(before.cells, before.cursor);
      else this.#place = by.found?.place ?? this.#place;
      this.#draw();
      return name === 'abort' || name === 'escape';
    }
    const { found } = by;
    if (found === undefined) this.#set(before.cells, before.cursor);
    else this.#set(cellsOf(found.line), cellsOf(found.line.slice(0, found.at)).length);
    this.#draw();
    return true;
  }

  #set(cells: string[], cursor: number): void {
    this.#cells = [...cells];
    this.#cursor = cursor;
    this.#length = this.text.length;
    this.#tooLong = false;
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
        return this.#moveTo(wordStart(this.#cells, at));
      case 'word-right':
        return this.#moveTo(wordEnd(this.#cells, at));
      case 'backspace':
        return this.#remove(at - 1, at, false);
      case 'delete':
        return this.#remove(at, at + 1, false);
      case 'delete-word':
        return this.#remove(at, wordEnd(this.#cells, at), true);
      case 'delete-word-back':
        return this.#remove(wordStart(this.#cells, at), at, true);
      case 'kill-word-back':
        return this.#remove(blankBefore(this.#cells, at), at, true);
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
        this.#display.write('\u001B[H\u001B[2J');
        this.#display.renew();
        this.#draw();
        return 'editing';
      default:
        return 'editing';
    }
  }

  #remove(from: number, to: number, keep: boolean): Pressed {
    const [start, end] = [Math.max(0, from), Math.min(this.#cells.length, to)];
    if (start >= end) return 'editing';
    const removed = this.#cells.splice(start, end - start);
    if (keep) this.#keep(removed, start < this.#cursor);
    this.#length -= removed.join('').length;
    this.#tooLong = false;
    const wasLast = start === this.#cells.length && removed.length === 1 && this.#cursor === end;
    this.#cursor = start;
    if (!wasLast || !this.#display.eraseLast(this.#cells, removed[0]!)) this.#draw();
    return 'editing';
  }

  #keep(removed: readonly string[], wasBefore: boolean): void {
    const together = this.#joining ? this.#killed : [];
    this.#killed = wasBefore ? [...removed, ...together] : [...together, ...removed];
    this.#killing = true;
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
    const cells = place === this.#history.length ? this.#draft : cellsOf(this.#history[place] ?? '');
    this.#set(cells, cells.length);
    this.#draw();
    return 'editing';
  }

  #draw(): void {
    this.#display.prompt = this.#search?.by.prompt ?? this.#prompt;
    this.#display.draw(this.#cells, this.#cursor);
  }

  #moveTo(cursor: number): Pressed {
    this.#display.move(this.#cells, this.#cursor, cursor);
    this.#cursor = cursor;
    return 'editing';
  }
}

/** The line as it was before something that can be given up. */
interface Before {
  readonly cells: string[];
  readonly cursor: number;
}
