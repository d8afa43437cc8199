/** Characters of one hidden text that are looked at. */
const TEXT_MAX = 65_536;
/** Hidden texts of one script. */
const TEXTS_MAX = 16;

/** What asks for a password, or sends what is typed somewhere, in the text of a page. */
const ASKS = /<form\b|type\s*=\s*["']?password/i;
/** What makes a picture more than a picture. */
const ACTIVE_SVG = /<script\b|\son[a-z]+\s*=|<foreignobject\b|javascript:/i;

/** A `data:` URI as what it holds: a document, one that asks for something, or nothing that acts. */
export type DataDocument = 'none' | 'document' | 'form';

const DATA =
  /^\s*data:(text\/html|application\/(?:xhtml\+xml|javascript|x-javascript)|text\/javascript|image\/svg\+xml)((?:;[^,;]*)*),/i;

/** Documents and scripts inside of a URI; a drawing counts only where it does something. */
export function dataDocumentIn(uri: string): DataDocument {
  const found = DATA.exec(uri);
  if (found === null) return 'none';
  const coded = uri.slice(found[0].length, found[0].length + TEXT_MAX);
  const text = /;\s*base64/i.test(found[2] ?? '') ? ofBase64(coded) : ofPercent(coded);
  if (ASKS.test(text)) return 'form';
  return /^image\/svg/i.test(found[1]!) && !ACTIVE_SVG.test(text) ? 'none' : 'document';
}

const UNESCAPED = /(?:unescape|decodeURI(?:Component)?)\s*\(\s*["'`]([^"'`]{16,})/g;
const ESCAPED = /(?:%[0-9a-f]{2}){16}[^"'`\\]*/gi;
const HEX_ESCAPED = /(?:\\x[0-9a-f]{2}){16}[^"'`]*/gi;
const BASE64 = /atob\s*\(\s*["'`]([A-Za-z0-9+/]{32,}={0,2})/g;

/** Whether a script holds, coded, a form or a field for a password. Looks at so many coded texts and no further. */
export function hidesForm(script: string): boolean {
  let texts = 0;
  for (const [pattern, decode] of [
    [UNESCAPED, ofPercent],
    [ESCAPED, ofPercent],
    [HEX_ESCAPED, ofHex],
    [BASE64, ofBase64],
  ] as const) {
    for (const found of script.matchAll(pattern)) {
      if (++texts > TEXTS_MAX) return false;
      if (ASKS.test(decode((found[1] ?? found[0]).slice(0, TEXT_MAX)))) return true;
    }
  }
  return false;
}

function ofPercent(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

function ofHex(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

function ofBase64(text: string): string {
  return Buffer.from(text.replaceAll('%2B', '+').replaceAll('%2F', '/'), 'base64').toString('latin1');
}
