/**
 * Percent escapes as Safe Browsing treats them ("URLs and Hashing", Canonicalization). Texts here are
 * binary strings: one character a byte, U+0000 to U+00FF.
 */

const PERCENT = 0x25;

/**
 * Unescapes until nothing is left to unescape (`%2525` → `%`).
 *
 * One pass with a stack instead of the standard's repeated passes: `%25252525…` would cost n² that way.
 * Same result, because two escapes never overlap (`%` is no hex digit), so the order of replacing is free.
 */
export function unescapeFully(text: string): string {
  const first = text.indexOf('%');
  if (first < 0) return text;
  const out = Buffer.allocUnsafe(text.length);
  let length = out.write(text.slice(0, first), 'latin1');
  for (let at = first; at < text.length; at++) {
    out[length++] = text.charCodeAt(at);
    while (length >= 3 && out[length - 3] === PERCENT) {
      const high = hexValue(out[length - 2]!);
      const low = hexValue(out[length - 1]!);
      if (high < 0 || low < 0) break;
      length -= 2;
      out[length - 1] = high * 16 + low;
    }
  }
  return out.toString('latin1', 0, length);
}

/** Escapes bytes up to 32, from 127 on, `#` and `%`; hex digits in upper or lower case as `unescape` saw none. */
export function escapeBytes(text: string): string {
  // The range is the point: control characters are what has to be escaped.
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u0020\u007f-\u00ff#%]/.test(text) ? text.replace(/[^\u0021-\u007e]|[#%]/g, escaped) : text;
}

function escaped(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
