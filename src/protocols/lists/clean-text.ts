const INVISIBLE = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
const QUOTES = /^["'`\u2018\u2019\u201c\u201d\u00ab\u00bb]$/;

/**
 * A value without what reports and spreadsheets put around it: white space, quotes, angle brackets, commas
 * and dots behind it, characters that nobody sees.
 */
export function cleanText(text: string): string {
  // Most values are ASCII, and a search for one character is cheaper than a replacement.
  let plain = NOT_ASCII.test(text) ? text.replace(INVISIBLE, '') : text;
  plain = plain.trim();
  // In a URL a comma, a semicolon or a dot at the end may be part of the path.
  const isBare = !plain.includes('/') || NETWORK.test(plain);
  let start = 0;
  let end = plain.length;
  for (let isOpen = true; isOpen && end > start;) {
    isOpen = false;
    if (QUOTES.test(plain[start]!)) {
      start++;
      isOpen = true;
    }
    while (end > start && isEnding(plain, end, isBare)) {
      end--;
      isOpen = true;
    }
    if (plain[start] === '<' && plain[end - 1] === '>') {
      start++;
      end--;
      isOpen = true;
    }
  }
  return start === 0 && end === plain.length ? plain : plain.slice(start, Math.max(start, end)).trim();
}

const NOT_ASCII = /[\u0080-\uffff]/;
const NETWORK = /^["']?[0-9a-f.:]{2,45}\/\d{1,3}[,;."']{0,4}$/i;

function isEnding(text: string, end: number, isBare: boolean): boolean {
  const last = text[end - 1]!;
  if (QUOTES.test(last)) return true;
  if (last !== ',' && last !== ';' && last !== '.') return false;
  return isBare || (end > 1 && last !== '.' && QUOTES.test(text[end - 2]!));
}

/**
 * Undoes what makes a value harmless for reading: `hxxp`, `h**p`, `fxp`, `[.]`, `(.)`, `{.}`, `[dot]`, `[at]`,
 * `[:]`, `[://]`, and `\.` in what is no regular expression.
 */
export function refanged(text: string): string {
  let plain = text;
  if (/[[({]/.test(plain)) {
    plain = plain
      .replace(/\[ ?(?:\.|dot) ?\]|\( ?(?:\.|dot) ?\)|\{ ?(?:\.|dot) ?\}/gi, '.')
      .replace(/\[ ?(?:@|at) ?\]|\( ?(?:@|at) ?\)|\{ ?(?:@|at) ?\}/gi, '@')
      .replaceAll('[://]', '://')
      .replaceAll('[:]', ':')
      .replaceAll('[//]', '//')
      .replaceAll('[/]', '/');
  }
  if (plain.includes('\\.')) plain = withoutEscapedDots(plain);
  const scheme = DEFANGED_SCHEME.exec(plain);
  if (scheme === null) return plain;
  const isFtp = scheme[0].startsWith('f') || scheme[0].startsWith('F');
  const secure = scheme[1] === undefined ? '' : 's';
  return `${isFtp ? 'ftp' : `http${secure}`}${plain.slice(scheme[0].length)}`;
}

const DEFANGED_SCHEME = /^(?:h(?:xx|\*\*|--|__|tx|xt|x)p|htt\*|meow|f(?:x|\*)p)(s)?(?=:)/i;

/** Only in the host: behind it a backslash means what it means in a path. */
function withoutEscapedDots(text: string): string {
  const scheme = text.indexOf('://');
  const from = scheme < 0 ? 0 : scheme + 3;
  const slash = text.indexOf('/', from);
  const end = slash < 0 ? text.length : slash;
  const host = text.slice(from, end);
  const plain = host.replaceAll('\\.', '.');
  return /[\\^$*+?()[\]{}|]/.test(plain) ? text : text.slice(0, from) + plain + text.slice(end);
}
