/** A message of the Common Event Format, version 0 (ArcSight, "Implementing ArcSight Common Event Format"). */
export interface CefMessage {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  /** Stable id of the kind of event. */
  readonly classId: string;
  readonly name: string;
  /** 0 to 10. */
  readonly severity: number;
  /** Keys in the order in which they are written; `undefined` is left out. */
  readonly extension: Readonly<Record<string, string | number | undefined>>;
}

const KEY = /^[A-Za-z0-9_.]+$/;

export function formatCef({
  vendor,
  product,
  version,
  classId,
  name,
  severity,
  extension,
}: CefMessage): string {
  const head = [vendor, product, version, classId, name].map(escapeHeader).join('|');
  let pairs = '';
  for (const key in extension) {
    const value = extension[key];
    if (value === undefined || value === '' || !KEY.test(key)) continue;
    const text = typeof value === 'string' ? escapeValue(value) : String(value);
    pairs += pairs === '' ? `${key}=${text}` : ` ${key}=${text}`;
  }
  return `CEF:0|${head}|${Math.max(0, Math.min(10, Math.round(severity)))}|${pairs}`;
}

/** Nearly every value: printable ASCII without what is escaped, and no space at its ends. */
const PLAIN = /^[!-<>-[\]-~](?:[ -<>-[\]-~]*[!-<>-[\]-~])?$/;
const PLAIN_HEADER = /^[ -[\]-{}~]*$/;

/** A bar would end the field. */
function escapeHeader(text: string): string {
  if (PLAIN_HEADER.test(text)) return text;
  return visible(text.replace(/[\\|]/g, (sign) => `\\${sign}`).replace(/[\r\n]+/g, ' '));
}

/** An equals sign would begin a key, a line end the message. */
function escapeValue(text: string): string {
  if (PLAIN.test(text)) return text;
  return visible(text.replace(/[\\=]/g, (sign) => `\\${sign}`).replace(/\r\n|\r|\n/g, '\\n')).trim();
}

/** Controls, separators, and the marks that turn the direction of text. */
// oxlint-disable-next-line no-control-regex
const HIDDEN = /[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** What nobody would see is written as an escaped backslash with its number; halves of characters become U+FFFD. */
function visible(text: string): string {
  return text
    .toWellFormed()
    .replace(HIDDEN, (sign) => `\\\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
