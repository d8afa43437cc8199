/**
 * What goes into a log line is printable ASCII and nothing else: control characters, line ends, terminal
 * sequences and right-to-left marks that a peer sends become `\u` escapes, which JSON readers undo.
 * A line's length in characters is then its length in bytes.
 */
const NEEDS_ESCAPE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;
const NOT_PRINTABLE = /[^\x20-\x7e]/g;

/** The text as a JSON string with its quotes, ASCII only. */
export function jsonString(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`;
  return asciiOnly(JSON.stringify(text));
}

/** The text with everything but printable ASCII as `\u` escapes. */
export function asciiOnly(text: string): string {
  return text.replace(NOT_PRINTABLE, unicodeEscape);
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
