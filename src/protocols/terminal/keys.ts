import { StringDecoder } from 'node:string_decoder';

/** What somebody typed: text to insert, or a key with a name. */
export type Key =
  | { readonly kind: 'text'; readonly text: string }
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
  | 'unknown';

/** Emacs bindings, as readline has them. */
const CONTROL: Readonly<Record<string, KeyName>> = {
  '\u0001': 'home',
  '\u0002': 'left',
  '\u0003': 'interrupt',
  '\u0004': 'end-of-input',
  '\u0005': 'end',
  '\u0006': 'right',
  '\b': 'backspace',
  '\t': 'tab',
  '\n': 'enter',
  '\u000B': 'kill-to-end',
  '\f': 'redraw',
  '\r': 'enter',
  '\u000E': 'down',
  '\u0010': 'up',
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

/** Longer sequences are no keys. */
const SEQUENCE_CHARS_MAX = 16;

/** Bytes of a terminal to keys; how the bytes were cut does not matter. Keeps at most one unfinished sequence. */
export class KeyDecoder {
  readonly #utf8 = new StringDecoder('utf8');
  #pending = '';
  #afterReturn = false;

  /** `?` always comes alone, so that help can be asked for in the middle of pasted text. */
  keys(bytes: Uint8Array): readonly Key[] {
    const text = this.#pending + this.#utf8.write(Buffer.from(bytes));
    this.#pending = '';
    const keys: Key[] = [];
    let plain = '';
    const flush = (): void => {
      if (plain !== '') keys.push({ kind: 'text', text: plain });
      plain = '';
    };
    for (let at = 0; at < text.length;) {
      const sign = text[at]!;
      if (sign === '\u001B') {
        const found = escapeAt(text, at);
        if (found === undefined) {
          this.#pending = text.slice(at);
          break;
        }
        flush();
        keys.push({ kind: 'key', name: found.name });
        at = found.next;
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
    return keys;
  }
}

/** `undefined`: the sequence goes on in the next bytes. */
function escapeAt(text: string, at: number): { readonly name: KeyName; readonly next: number } | undefined {
  const kind = text[at + 1];
  if (kind === undefined) return undefined;
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
