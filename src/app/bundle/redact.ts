import type { UrlRedactor } from '../../protocols/url/index.ts';

/** Names whose values nobody outside needs. */
const SECRET_NAME =
  /pass(?:word|phrase)?|secret|token|apikey|api-key|credential|private|authorization|cookie|^key$|totp/i;
const HIDDEN = '[removed]';
/** Names that only count or date secrets. */
const HARMLESS_NAME = /^(?:tokens|users|requireToken|ticketKeys|tokenCount)$|(?:File|Max|Ms|At)$/;

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // Our own tokens, wherever they stand.
  [/\bspt_[\w-]{8,}/g, HIDDEN],
  // RFC 9110 §11.6.2: scheme and credentials.
  [/(?<=[:=]["'\s]*)(Basic|Bearer|Negotiate|NTLM|Digest)\s+[\w.~+/=:-]{4,}/gi, `$1 ${HIDDEN}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g, HIDDEN],
  // `password: x`, `secret=x`, `"token": "x"` in lines that are no document.
  [
    /\b((?:[\w-]*(?:password|passphrase|secret|apikey|api-key))["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,;&]+)/gi,
    `$1${HIDDEN}`,
  ],
];

/** What a reader of the bundle sees. */
export interface Redaction {
  /** A text without what would let its reader in somewhere. */
  text(text: string): string;
  /** A document without secrets: by the names of its members, and inside its texts. */
  document(value: unknown): unknown;
}

export function redactionOf(redactor: UrlRedactor): Redaction {
  const text = (given: string): string =>
    PATTERNS.reduce((rest, [pattern, by]) => rest.replace(pattern, by), redactor.text(given));
  const document = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(document);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        isSecret(name, member) ? HIDDEN : document(member),
      ]),
    );
  };
  return { text, document };
}

/** Sections such as `tokens` are records of things without their secrets: only plain values are taken out. */
function isSecret(name: string, value: unknown): boolean {
  return (
    SECRET_NAME.test(name) &&
    !HARMLESS_NAME.test(name) &&
    (typeof value === 'string' || typeof value === 'number')
  );
}
