/** RFC 9110 §5.6.2: tchar. */
export const TOKEN_CHAR = 1;
/** RFC 9110 §5.5: field-vchar (obs-text included), SP and HTAB. */
export const VALUE_CHAR = 2;
/**
 * What we take in a request target: visible ASCII but `#`. RFC 3986 forbids a few more (`"<>\^{|}` and the back
 * quote), which browsers send all the same and which no parser takes for an end.
 */
export const TARGET_CHAR = 4;
/** Letters, digits, `-`, `.`, `_`, `~`: RFC 3986 §3.2.2 reg-name without percent-encoding and sub-delims, which no DNS name has. */
export const HOST_CHAR = 8;
export const DIGIT_CHAR = 16;
/** RFC 9110 §5.6.4: qdtext (obs-text included). */
export const QUOTED_CHAR = 32;

/**
 * Classes of bytes, one bit each: one look-up per byte decides what a grammar allows there.
 * Control bytes (NUL, CR, LF, DEL and the rest, but HTAB in values) are in no class.
 */
export const CHAR_CLASS: Uint8Array = buildClasses();

function buildClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  const tokenMarks = "!#$%&'*+-.^_`|~";
  for (let byte = 0x21; byte < 0x7f; byte++) {
    const char = String.fromCharCode(byte);
    const digit = byte >= 0x30 && byte <= 0x39;
    const letter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
    const alphanumeric = digit || letter;
    let bits = VALUE_CHAR;
    if (alphanumeric || tokenMarks.includes(char)) bits |= TOKEN_CHAR;
    if (char !== '#') bits |= TARGET_CHAR;
    if (alphanumeric || '-._~'.includes(char)) bits |= HOST_CHAR;
    if (digit) bits |= DIGIT_CHAR;
    if (char !== '"' && char !== '\\') bits |= QUOTED_CHAR;
    classes[byte] = bits;
  }
  classes[0x09] = VALUE_CHAR | QUOTED_CHAR;
  classes[0x20] = VALUE_CHAR | QUOTED_CHAR;
  for (let byte = 0x80; byte < 0x100; byte++) classes[byte] = VALUE_CHAR | QUOTED_CHAR;
  return classes;
}

/** Whether there is a line feed in `bytes[from, to)`. Not `indexOf`: a buffer may hold old bytes behind `to`. */
export function hasLineFeed(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === 0x0a) return true;
  return false;
}

/** Whether `bytes[from, from + text.length)` is `text`, a lower-case ASCII text, in any case. The caller checks the length. */
export function matchesLower(bytes: Uint8Array, from: number, text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const byte = bytes[from + at]!;
    const wanted = text.charCodeAt(at);
    if (byte !== wanted && (byte < 0x41 || byte > 0x5a || (byte | 0x20) !== wanted)) return false;
  }
  return true;
}

/** Whether `text`, Latin-1, stands at `from`. The caller checks that so many bytes are there. */
export function equals(bytes: Uint8Array, from: number, text: string): boolean {
  for (let at = 0; at < text.length; at++) if (bytes[from + at] !== text.charCodeAt(at)) return false;
  return true;
}

/** RFC 9110 §5.6.2: a non-empty token. */
export function isToken(text: string): boolean {
  if (text.length === 0) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f || (CHAR_CLASS[code]! & TOKEN_CHAR) === 0) return false;
  }
  return true;
}

/** The text with a space for every character that no field value may hold, so that no value adds a line. */
export function safeValue(text: string): string {
  let at = 0;
  while (at < text.length && isValueChar(text.charCodeAt(at))) at++;
  if (at === text.length) return text;
  let safe = text.slice(0, at);
  for (; at < text.length; at++) safe += isValueChar(text.charCodeAt(at)) ? text[at]! : ' ';
  return safe;
}

function isValueChar(code: number): boolean {
  return code <= 0xff && (CHAR_CLASS[code]! & VALUE_CHAR) !== 0;
}
