import { decodeReferences } from './references.ts';

/** A piece of a page. Names are lower case, references in text and values are decoded. */
export type HtmlToken =
  | { readonly kind: 'start'; readonly name: string; readonly attributes: ReadonlyMap<string, string> }
  | { readonly kind: 'end'; readonly name: string }
  /** Of `script` and `style` the source as it stands; `inside` is the element. */
  | { readonly kind: 'text'; readonly text: string; readonly inside: string };

export interface HtmlLimits {
  /** Tokens after which the rest of the page is not looked at. */
  readonly tokensMax: number;
  readonly attributesMax: number;
  /** Characters of a value that are kept. */
  readonly valueMax: number;
  /** Characters of one text that are kept. */
  readonly textMax: number;
}

/** Elements whose content is text up to their own end tag (WHATWG HTML 13.2.5.1, without scripting in noscript). */
const RAW = new Set(['script', 'style', 'title', 'textarea', 'xmp', 'iframe', 'noembed', 'noframes']);
/** Of those, the ones whose references are decoded. */
const ESCAPABLE = new Set(['title', 'textarea']);
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

/**
 * The tokens of a page as browsers see them, near enough to judge it: WHATWG HTML 13.2.5 without tree building, without
 * script. Never fails; each character is looked at a bounded number of times.
 */
export function* htmlTokens(page: string, limits: HtmlLimits): Generator<HtmlToken> {
  let at = 0;
  let inside = '';
  for (let count = 0; at < page.length && count < limits.tokensMax; count++) {
    if (inside !== '') {
      const end = rawEnd(page, at, inside);
      const text = page.slice(at, Math.min(end, at + limits.textMax));
      if (text !== '')
        yield { kind: 'text', text: ESCAPABLE.has(inside) ? decodeReferences(text) : text, inside };
      at = end;
      inside = '';
      continue;
    }
    const open = tagOpen(page, at);
    if (open > at) {
      const text = decodeReferences(page.slice(at, Math.min(open, at + limits.textMax)));
      if (text.trim() !== '') yield { kind: 'text', text, inside: '' };
      at = open;
      continue;
    }
    if (!isLetter(page.charCodeAt(at + 1)) && page[at + 1] !== '/') {
      at = afterMarkup(page, at);
      continue;
    }
    const isEnd = page[at + 1] === '/';
    if (isEnd && !isLetter(page.charCodeAt(at + 2))) {
      at = past(page, '>', at + 2);
      continue;
    }
    const tag = readTag(page, isEnd ? at + 2 : at + 1, limits);
    at = tag.end;
    if (isEnd) yield { kind: 'end', name: tag.name };
    else {
      yield { kind: 'start', name: tag.name, attributes: tag.attributes };
      if (RAW.has(tag.name)) inside = tag.name;
    }
  }
}

/** Where the next tag, comment or declaration begins; the end of the page when there is none. */
function tagOpen(page: string, from: number): number {
  for (let at = page.indexOf('<', from); at >= 0; at = page.indexOf('<', at + 1)) {
    const code = page.charCodeAt(at + 1);
    if (isLetter(code) || code === 0x2f || code === 0x21 || code === 0x3f) return at;
  }
  return page.length;
}

/** Behind a comment, a declaration or what browsers take for one. */
function afterMarkup(page: string, at: number): number {
  if (!page.startsWith('<!--', at)) return past(page, '>', at + 2);
  // `<!-->` and `<!--->` are whole comments.
  if (page[at + 4] === '>') return at + 5;
  if (page.startsWith('->', at + 4)) return at + 6;
  return past(page, '-->', at + 4);
}

function past(page: string, what: string, from: number): number {
  const found = page.indexOf(what, from);
  return found < 0 ? page.length : found + what.length;
}

/** Where the end tag of an element with raw text begins. */
function rawEnd(page: string, from: number, name: string): number {
  for (let at = page.indexOf('</', from); at >= 0; at = page.indexOf('</', at + 2)) {
    const after = at + 2 + name.length;
    if (page.slice(at + 2, after).toLowerCase() === name && endsName(page.charCodeAt(after))) return at;
  }
  return page.length;
}

interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly end: number;
}

function readTag(page: string, start: number, { attributesMax, valueMax }: HtmlLimits): Tag {
  let at = start;
  while (at < page.length && !endsName(page.charCodeAt(at))) at++;
  const name = page.slice(start, Math.min(at, start + 64)).toLowerCase();
  let attributes: Map<string, string> | undefined;
  for (;;) {
    while (at < page.length && (isSpace(page.charCodeAt(at)) || page[at] === '/')) at++;
    if (at >= page.length) break;
    if (page[at] === '>') {
      at++;
      break;
    }
    const key = at++;
    while (at < page.length && !endsKey(page.charCodeAt(at))) at++;
    const keyText = page.slice(key, Math.min(at, key + 64)).toLowerCase();
    while (at < page.length && isSpace(page.charCodeAt(at))) at++;
    let value = '';
    if (page[at] === '=') {
      at++;
      while (at < page.length && isSpace(page.charCodeAt(at))) at++;
      const quote = page[at];
      const from = quote === '"' || quote === "'" ? at + 1 : at;
      if (from > at) {
        const close = page.indexOf(quote!, from);
        at = close < 0 ? page.length : close;
      } else while (at < page.length && page[at] !== '>' && !isSpace(page.charCodeAt(at))) at++;
      value = page.slice(from, Math.min(at, from + valueMax));
      if (from > key && (quote === '"' || quote === "'")) at = Math.min(at + 1, page.length);
    }
    attributes ??= new Map();
    // The first of two attributes of one name counts.
    if (attributes.size < attributesMax && !attributes.has(keyText)) {
      attributes.set(keyText, decodeReferences(value));
    }
  }
  return { name, attributes: attributes ?? NO_ATTRIBUTES, end: at };
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** White space, `/`, `>` or the end. */
function endsName(code: number): boolean {
  return isSpace(code) || code === 0x2f || code === 0x3e || Number.isNaN(code);
}

function endsKey(code: number): boolean {
  return endsName(code) || code === 0x3d;
}
