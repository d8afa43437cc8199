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
  // RFC 3986 §3.2.1: user and password of a URL.
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"']+@/gi, `$1${HIDDEN}@`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g, HIDDEN],
  // `password: x`, `secret=x`, `"token": "x"` in lines that are no document.
  [
    /\b((?:[\w-]*(?:password|passphrase|secret|apikey|api-key))["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,;&]+)/gi,
    `$1${HIDDEN}`,
  ],
];

/** A text without what would let its reader in somewhere. */
export function redactText(text: string): string {
  return PATTERNS.reduce((rest, [pattern, by]) => rest.replace(pattern, by), text);
}

/** A document without secrets: by the names of its members, and inside its texts. */
export function redactDocument(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redactDocument);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      isSecret(name, member) ? HIDDEN : redactDocument(member),
    ]),
  );
}

/** Sections such as `tokens` are records of things without their secrets: only plain values are taken out. */
function isSecret(name: string, value: unknown): boolean {
  return (
    SECRET_NAME.test(name) &&
    !HARMLESS_NAME.test(name) &&
    (typeof value === 'string' || typeof value === 'number')
  );
}
