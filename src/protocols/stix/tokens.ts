import type { Literal, PatternError, Span } from './pattern.ts';

export type Token = Span &
  (
    | { readonly type: 'word' | 'mark' | 'end'; readonly text: string }
    | { readonly type: 'literal'; readonly text: string; readonly literal: Literal }
  );

const SPACE = /[\s\u00a0\u200b\ufeff]*/y;
const WORD = /[A-Za-z_][A-Za-z0-9_-]*/y;
const NUMBER = /[+-]?(?:\d+\.\d+|\.\d+|\d+)/y;
const MARKS = ['==', '!=', '<>', '<=', '>=', '=', '<', '>', '[', ']', '(', ')', ':', '.', ',', '*'] as const;
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/;

/** Cuts a pattern into tokens, one at a time; every character is looked at a fixed number of times. */
export class Tokens {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token | PatternError {
    const skipped = this.#skip();
    if (skipped !== undefined) return skipped;
    const start = this.#at;
    const char = this.#text[start];
    if (char === undefined) return { type: 'end', text: '', start, end: start };
    if (char === "'") return this.#quoted('', start);
    // h'…' and b'…' are bytes, t'…' a time (§9.3).
    if ((char === 'h' || char === 'b' || char === 't') && this.#text[start + 1] === "'") {
      this.#at++;
      return this.#quoted(char, start);
    }
    const word = this.#match(WORD);
    if (word !== undefined) {
      if (word === 'true' || word === 'false')
        return this.#literal(start, { type: 'boolean', value: word === 'true' });
      return { type: 'word', text: word, start, end: this.#at };
    }
    const number = this.#match(NUMBER);
    if (number !== undefined) return this.#literal(start, { type: 'number', value: Number(number) });
    const mark = MARKS.find((each) => this.#text.startsWith(each, start));
    if (mark === undefined) return { position: start, message: 'a character that no pattern has' };
    this.#at += mark.length;
    return { type: 'mark', text: mark, start, end: this.#at };
  }

  /** White space and comments (grammar of STIX 2.1, `WS`, `COMMENT`, `LINE_COMMENT`). */
  #skip(): PatternError | undefined {
    for (;;) {
      this.#match(SPACE);
      const isBlock = this.#text.startsWith('/*', this.#at);
      if (!isBlock && !this.#text.startsWith('//', this.#at)) return undefined;
      const end = this.#text.indexOf(isBlock ? '*/' : '\n', this.#at + 2);
      if (end < 0 && isBlock) return { position: this.#at, message: 'a comment that does not end' };
      this.#at = end < 0 ? this.#text.length : end + (isBlock ? 2 : 1);
    }
  }

  #quoted(prefix: string, start: number): Token | PatternError {
    let value = '';
    let from = this.#at + 1;
    for (let at = from; at < this.#text.length; at++) {
      const char = this.#text[at];
      if (char === '\\') {
        const escaped = this.#text[at + 1];
        if (escaped !== "'" && escaped !== '\\')
          return { position: at, message: 'a backslash before something other than a quote or a backslash' };
        value += this.#text.slice(from, at) + escaped;
        at++;
        from = at + 1;
      } else if (char === "'") {
        value += this.#text.slice(from, at);
        this.#at = at + 1;
        return this.#valued(prefix, value, start);
      }
    }
    return { position: start, message: 'a quote that does not end' };
  }

  #valued(prefix: string, value: string, start: number): Token | PatternError {
    switch (prefix) {
      case 'h':
        return /^(?:[0-9A-Fa-f]{2})*$/.test(value)
          ? this.#literal(start, { type: 'bytes', value: Buffer.from(value, 'hex') })
          : { position: start, message: 'not pairs of hexadecimal digits' };
      case 'b':
        return /^[A-Za-z0-9+/]*={0,2}$/.test(value) && value.length % 4 === 0
          ? this.#literal(start, { type: 'bytes', value: Buffer.from(value, 'base64') })
          : { position: start, message: 'not base64' };
      case 't': {
        const ms = TIMESTAMP.test(value) ? Date.parse(value) : Number.NaN;
        return Number.isNaN(ms)
          ? { position: start, message: 'not a timestamp' }
          : this.#literal(start, { type: 'timestamp', value, ms });
      }
      default:
        return this.#literal(start, { type: 'text', value });
    }
  }

  #literal(start: number, literal: Literal): Token {
    return { type: 'literal', text: this.#text.slice(start, this.#at), literal, start, end: this.#at };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined || found === '') return undefined;
    this.#at += found.length;
    return found;
  }
}
