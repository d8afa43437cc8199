/** What stands where a secret was. */
const HIDDEN = '[secret]';

/** No parameter that anybody listed is longer, escapes included. */
const NAME_CHARS_MAX = 128;

const QUESTION = 0x3f;
const AND = 0x26;
const SEMICOLON = 0x3b;
const HASH = 0x23;
const EQUALS = 0x3d;
const PERCENT = 0x25;
const SLASH = 0x2f;

/** Takes secrets out of URLs before anybody writes them down. */
export interface UrlRedactor {
  /**
   * A URL, a request target or `host:port` without user information, and with `[secret]` in place of the values of
   * listed parameters: also in `;name=value` of a path, in `form[name]`, and in URLs that are parameters themselves,
   * however often they are escaped. Linear in the length; what has nothing of the kind comes back as it was.
   */
  url(url: string): string;
  /** The same for every URL of a text, which white space, quotes and angle brackets end. */
  text(text: string): string;
}

/**
 * `names`: parameters whose values are secrets, in any case and with or without `_` and `-` between their words
 * (`api_key` also is `apiKey`). An empty list hides user information alone.
 */
export function urlRedactor(names: readonly string[]): UrlRedactor {
  const isSecret = listOf(names);
  const isListed = names.length > 0;
  return {
    url(url) {
      const from = firstOf(url);
      if (from < 0) return url.includes('@') ? withoutUsers(url) : url;
      const rest = isListed ? withoutValues(url, from, isSecret, false) : url;
      return rest.includes('@') || hasEscapedAt(rest) ? withoutUsers(rest) : rest;
    },
    text(text) {
      const from = firstOf(text);
      const rest = from < 0 || !isListed ? text : withoutValues(text, from, isSecret, true);
      if (!rest.includes('@') && !hasEscapedAt(rest)) return rest;
      return rest.replace(USER_IN_TEXT, '$1').replace(ESCAPED_USER, '$1');
    },
  };
}

/** Whether the name between two places of a text is in the list. */
type NameTest = (text: string, from: number, end: number) => boolean;

/**
 * Names are compared as they come in nearly all URLs without a copy: by first and last letter, and the length that a
 * listed name with those has at least.
 */
function listOf(names: readonly string[]): NameTest {
  const listed: ReadonlySet<string> = new Set(names.map(plainName));
  const lengths = new Uint16Array(LETTERS * LETTERS).fill(NAME_CHARS_MAX);
  let others = false;
  for (const name of listed) {
    const at = pairAt(name, 0, name.length);
    if (at < 0) others = true;
    else lengths[at] = Math.min(lengths[at]!, name.length);
  }
  return (text, from, end) => {
    const length = end - from;
    if (length <= 0 || length > NAME_CHARS_MAX) return false;
    const pair = pairAt(text, from, end);
    if (pair >= 0 && !others && length < lengths[pair]!) return false;
    return listed.has(plainName(text.slice(from, end)));
  };
}

const LETTERS = 26;

/** A number for the first and last letter of a name, in any case; -1: it begins or ends with something else. */
function pairAt(text: string, from: number, end: number): number {
  const first = (text.charCodeAt(from) | 0x20) - 0x61;
  const last = (text.charCodeAt(end - 1) | 0x20) - 0x61;
  if (first < 0 || first >= LETTERS || last < 0 || last >= LETTERS) return -1;
  // The second digit of an escape is a letter of the name in disguise.
  if (text.charCodeAt(end - 3) === PERCENT && end - 3 >= from) return -1;
  return first * LETTERS + last;
}

/** Where a parameter may begin at the earliest; -1: nowhere. */
function firstOf(text: string): number {
  const question = text.indexOf('?');
  // In a path before it, or where there is none.
  const semicolon = text.indexOf(';');
  const percent = text.indexOf('%');
  let first = question;
  if (semicolon >= 0 && (first < 0 || semicolon < first)) first = semicolon;
  return percent >= 0 && (first < 0 || percent < first) ? percent : first;
}

/** One pass: a parameter begins behind a delimiter, its value behind the equals sign, raw or escaped. */
function withoutValues(text: string, from: number, isSecret: NameTest, isText: boolean): string {
  let out = '';
  let copied = 0;
  let name = -1;
  let isEscaped = false;
  let inQuery = false;
  for (let at = from; at < text.length;) {
    let sign = text.charCodeAt(at);
    let next = at + 1;
    if (sign > QUESTION) {
      // Nearly every character.
      at = next;
      continue;
    }
    if (sign === PERCENT) {
      next = behindEscape(text, at);
      if (next > at + 1) sign = escapedSign(text, next);
    }
    switch (sign) {
      case QUESTION:
      case AND:
      case SEMICOLON:
      case HASH:
        name = next;
        isEscaped = next > at + 1;
        if (sign === QUESTION && !isEscaped) inQuery = true;
        break;
      case EQUALS:
        if (name >= 0 && isSecret(text, name, at)) {
          isEscaped ||= next > at + 1;
          const end = endOf(text, next, { isEscaped, inPath: !inQuery && !isEscaped, isText });
          if (end > next) {
            out += text.slice(copied, next) + HIDDEN;
            copied = end;
          }
          next = end;
        }
        name = -1;
        break;
    }
    at = next;
  }
  return copied === 0 ? text : out + text.slice(copied);
}

interface Place {
  /** The parameter belongs to a URL that is a parameter: escaped delimiters end it as well. */
  readonly isEscaped: boolean;
  readonly inPath: boolean;
  readonly isText: boolean;
}

function endOf(text: string, from: number, { isEscaped, inPath, isText }: Place): number {
  for (let at = from; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === AND || code === HASH) return at;
    if (inPath && (code === SLASH || code === QUESTION || code === SEMICOLON)) return at;
    if (isText && isTextEnd(code)) return at;
    const next = code === PERCENT && isEscaped ? behindEscape(text, at) : at + 1;
    if (next > at + 1) {
      const sign = escapedSign(text, next);
      if (sign === AND || sign === HASH) return at;
    }
    at = next;
  }
  return text.length;
}

/** White space, and what texts put around URLs. */
function isTextEnd(code: number): boolean {
  return code <= 0x20 || code === 0x22 || code === 0x27 || code === 0x3c || code === 0x3e || code === 0x60;
}

/** Behind `%3D`, `%253D` and so on; just behind the percent sign where there is no escape of a sign that matters. */
function behindEscape(text: string, at: number): number {
  let digits = at + 1;
  while (text.charCodeAt(digits) === 0x32 && text.charCodeAt(digits + 1) === 0x35) digits += 2;
  return escapedSign(text, digits + 2) === 0 ? at + 1 : digits + 2;
}

/** The sign whose two hexadecimal digits end at `end`; 0: none of ours. */
function escapedSign(text: string, end: number): number {
  const low = text.charCodeAt(end - 1) | 0x20;
  switch (text.charCodeAt(end - 2)) {
    case 0x33: // 3
      return low === 0x66 ? QUESTION : low === 0x64 ? EQUALS : low === 0x62 ? SEMICOLON : 0;
    case 0x32: // 2
      return low === 0x36 ? AND : low === 0x33 ? HASH : low === 0x66 ? SLASH : 0;
    default:
      return 0;
  }
}

/** `User[Access_Token]`, `access%5Ftoken` and `accessToken` are one name. */
function plainName(name: string): string {
  let plain = name;
  if (plain.includes('%'))
    plain = plain.replace(/%(?:25)*([2-7][0-9a-f])/gi, (_, hex: string) => letter(hex));
  if (plain.endsWith(']')) {
    const open = plain.lastIndexOf('[');
    const inner = plain.slice(open + 1, -1);
    plain = inner === '' ? plain.slice(0, open) : inner;
  }
  return plain.replace(/[_-]/g, '').toLowerCase();
}

function letter(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

/** Removes user name and password from a URL or authority, and from URLs that are parameters of it. */
function withoutUsers(url: string): string {
  const scheme = url.indexOf('://');
  const start = scheme < 0 ? 0 : scheme + 3;
  let end = start;
  while (end < url.length && !'/?#'.includes(url[end]!)) end++;
  const at = url.lastIndexOf('@', end);
  const head = at < start || at >= end ? url.slice(0, end) : url.slice(0, start) + url.slice(at + 1, end);
  return head + url.slice(end).replace(USER_IN_QUERY, '$1').replace(ESCAPED_USER, '$1');
}

function hasEscapedAt(text: string): boolean {
  return text.includes('%') && text.includes('40') && /%(?:25)*40/.test(text);
}

/** RFC 3986 §3.2.1: up to the last `@` of an authority. None of the runs contains the beginning of another. */
const USER_IN_TEXT = /(:\/\/)[^/?#\s"'<>]*@/g;
const USER_IN_QUERY = /(:\/\/)[^/?#&]*@/g;

const ESCAPED_USER =
  /(%(?:25)*3A%(?:25)*2F%(?:25)*2F)(?:(?!%(?:25)*(?:2F|3F|23|26))[^/?#&\s"'<>])*(?:@|%(?:25)*40)/gi;
