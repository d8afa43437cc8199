/** The few names that pages need to hide or to show an address; others stay as they are. */
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u{a0}',
  colon: ':',
  sol: '/',
  period: '.',
  Tab: '\t',
  NewLine: '\n',
  lpar: '(',
  rpar: ')',
};

/** Character references (WHATWG HTML 13.2.5.72), the numeric ones and a few names. */
export function decodeReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#x([0-9a-f]{1,6});?|#(\d{1,7});?|([A-Za-z]{2,8});)/gi,
    (whole: string, hex: string | undefined, decimal: string | undefined, name: string | undefined) => {
      if (name !== undefined) return NAMED[name] ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      // Surrogates and what is beyond Unicode are no characters.
      if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\u{fffd}';
      return String.fromCodePoint(code);
    },
  );
}
