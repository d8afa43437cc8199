import { StringDecoder } from 'node:string_decoder';

/** What somebody typed: text to insert, or a key with a name. */
export type Key =
  /** `pasted`: the terminal says that nobody typed it (bracketed paste). */
  | { readonly kind: 'text'; readonly text: string; readonly pasted?: true }
  | { readonly kind: 'key'; readonly name: KeyName };

export type KeyName =
  | 'enter'
  | 'tab'
  | 'backspace'
  | 'delete'
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'home'
  | 'end'
  | 'word-left'
  | 'word-right'
  | 'delete-word'
  | 'delete-word-back'
  | 'interrupt'
  | 'end-of-input'
  | 'kill-to-end'
  | 'kill-to-start'
  | 'kill-word-back'
  | 'yank'
  | 'transpose'
  | 'redraw'
  | 'search-back'
  | 'search-forward'
  /** Ctrl-G. */
  | 'abort'
  /** Esc alone. */
  | 'escape'
  /** The end of a line inside of what was pasted; it runs nothing. */
  | 'pasted-enter'
  | 'paste-end'
  | 'unknown';

/** Emacs bindings, as readline has them. */
const CONTROL: Readonly<Record<string, KeyName>> = {
  '\u0001': 'home',
  '\u0002': 'left',
  '\u0003': 'interrupt',
  '\u0004': 'end-of-input',
  '\u0005': 'end',
  '\u0006': 'right',
  '\u0007': 'abort',
  '\b': 'backspace',
  '\t': 'tab',
  '\n': 'enter',
  '\u000B': 'kill-to-end',
  '\f': 'redraw',
  '\r': 'enter',
  '\u000E': 'down',
  '\u0010': 'up',
  '\u0012': 'search-back',
  '\u0013': 'search-forward',
  '\u0014': 'transpose',
  '\u0015': 'kill-to-start',
  '\u0017': 'kill-word-back',
  '\u0019': 'yank',
  '\u007F': 'backspace',
};

/** ECMA-48 control sequences and the SS3 of keypads, as xterm, screen and the Linux console send them. */
const SEQUENCES: Readonly<Record<string, KeyName>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  '1~': 'home',
  '4~': 'end',
  '7~': 'home',
  '8~': 'end',
  '3~': 'delete',
  '1;5C': 'word-right',
  '1;5D': 'word-left',
  '1;3C': 'word-right',
  '1;3D': 'word-left',
  '5C': 'word-right',
  '5D': 'word-left',
};

const META: Readonly<Record<string, KeyName>> = {
  b: 'word-left',
  f: 'word-right',
  d: 'delete-word',
  '\u007F': 'delete-word-back',
  '\b': 'delete-word-back',
};

/** What a terminal is told before it marks what is pasted, and afterwards (xterm, mode 2004). */
export const PASTE_MODE = { on: '\u001B[?2004h', off: '\u001B[?2004l' } as const;
const PASTE_BEGIN = '200~';
const PASTE_END = '\u001B[201~';

/** Longer sequences are no keys. */
const SEQUENCE_CHARS_MAX = 16;

/** Bytes of a terminal to keys; how the bytes were cut does not matter. Keeps at most one unfinished sequence. */
export class KeyDecoder {
  readonly #utf8 = new StringDecoder('utf8');
  #pending = '';
  #afterReturn = false;
  #pasting = false;

  /** Something has begun that the next bytes, or `settle`, tell the end of. */
  get waits(): boolean {
    return this.#pending !== '' && !this.#pasting;
  }

  /** `?` always comes alone, so that help can be asked for in the middle of a text. */
  keys(bytes: Uint8Array): readonly Key[] {
    const text = this.#pending + this.#utf8.write(Buffer.from(bytes));
    this.#pending = '';
    const keys: Key[] = [];
    for (let at = 0; at < text.length;)
      at = this.#pasting ? this.#paste(text, at, keys) : this.#type(text, at, keys);
    return keys;
  }

  /** Nothing came for a while: Esc was a key of its own, and half of a sequence is none. */
  settle(): readonly Key[] {
    if (!this.waits) return [];
    const name = this.#pending === '\u001B' ? 'escape' : 'unknown';
    this.#pending = '';
    return [{ kind: 'key', name }];
  }

  /** Up to the next paste; gives where that begins. */
  #type(text: string, from: number, keys: Key[]): number {
    let plain = '';
    const flush = (): void => {
      if (plain !== '') keys.push({ kind: 'text', text: plain });
      plain = '';
    };
    let at = from;
    while (at < text.length && !this.#pasting) {
      const sign = text[at]!;
      if (sign === '\u001B') {
        flush();
        at = this.#escape(text, at, keys);
        continue;
      }
      at++;
      const isSecondHalf = sign === '\n' && this.#afterReturn;
      this.#afterReturn = sign === '\r';
      if (isSecondHalf) continue;
      if (sign === '?') {
        flush();
        keys.push({ kind: 'text', text: sign });
      } else if (sign < ' ' || sign === '\u007F') {
        flush();
        keys.push({ kind: 'key', name: CONTROL[sign] ?? 'unknown' });
      } else if (!/[\u0080-\u009F]/.test(sign)) plain += sign;
    }
    flush();
    return at;
  }

  #escape(text: string, at: number, keys: Key[]): number {
    const found = escapeAt(text, at);
    if (found === undefined) {
      this.#pending = text.slice(at);
      return text.length;
    }
    this.#afterReturn = false;
    if (text.slice(at + 2, found.next) === PASTE_BEGIN) this.#pasting = true;
    else keys.push({ kind: 'key', name: found.name });
    return found.next;
  }

  /** Up to the end of the paste. What looks like a key in it is none. */
  #paste(text: string, from: number, keys: Key[]): number {
    const end = text.indexOf(PASTE_END, from);
    const until = end >= 0 ? end : text.length - unfinished(text.slice(from), PASTE_END);
    for (const part of text.slice(from, until).split(/(\r\n|\r|\n)/)) {
      if (part === '') continue;
      const isSecondHalf = part === '\n' && this.#afterReturn;
      this.#afterReturn = part === '\r';
      if (isSecondHalf) continue;
      if (/^[\r\n]/.test(part)) keys.push({ kind: 'key', name: 'pasted-enter' });
      else keys.push({ kind: 'text', text: part.replaceAll('\t', ' '), pasted: true });
    }
    if (end < 0) {
      this.#pending = text.slice(until);
      return text.length;
    }
    this.#pasting = false;
    this.#afterReturn = false;
    keys.push({ kind: 'key', name: 'paste-end' });
    return end + PASTE_END.length;
  }
}

/** How many signs at the end of the text may be the beginning of the mark. */
function unfinished(text: string, mark: string): number {
  for (let count = Math.min(mark.length - 1, text.length); count > 0; count--) {
    if (text.endsWith(mark.slice(0, count))) return count;
  }
  return 0;
}

/** `undefined`: the sequence goes on in the next bytes. */
function escapeAt(text: string, at: number): { readonly name: KeyName; readonly next: number } | undefined {
  const kind = text[at + 1];
  if (kind === undefined) return undefined;
  if (kind === '\u001B') return { name: 'escape', next: at + 1 };
  if (kind !== '[' && kind !== 'O') return { name: META[kind] ?? 'unknown', next: at + 2 };
  for (let end = at + 2; end < text.length; end++) {
    const sign = text[end]!;
    if (sign >= '@' && sign <= '~') {
      return { name: SEQUENCES[text.slice(at + 2, end + 1)] ?? 'unknown', next: end + 1 };
    }
    if (end - at > SEQUENCE_CHARS_MAX || sign < ' ') return { name: 'unknown', next: end };
  }
  return text.length - at > SEQUENCE_CHARS_MAX ? { name: 'unknown', next: text.length } : undefined;
}
