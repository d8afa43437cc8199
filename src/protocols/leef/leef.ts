/** A message of the Log Event Extended Format, version 2.0 (IBM, "LEEF event components"). */
export interface LeefMessage {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly eventId: string;
  /** `undefined` is left out. */
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
}

const KEY = /^[A-Za-z0-9_]+$/;

/** Attributes are separated by a tab, which the header names as `x09`. */
export function formatLeef({ vendor, product, version, eventId, attributes }: LeefMessage): string {
  const head = [vendor, product, version, eventId]
    .map((text) => visible(text.replace(/[|\r\n\t]+/g, ' ')))
    .join('|');
  let pairs = '';
  for (const key in attributes) {
    const value = attributes[key];
    if (value === undefined || value === '' || !KEY.test(key)) continue;
    const text = typeof value === 'string' ? valueText(value) : String(value);
    pairs += pairs === '' ? `${key}=${text}` : `\t${key}=${text}`;
  }
  return `LEEF:2.0|${head}|x09|${pairs}`;
}

/** Nearly every value. */
const PLAIN = /^[ -~]*$/;

/** There is no escape for the separator: it becomes a space, as a line end does. */
function valueText(text: string): string {
  return PLAIN.test(text) ? text : visible(text.replace(/[\t\r\n]+/g, ' '));
}

/** Controls, separators, and the marks that turn the direction of text. */
// oxlint-disable-next-line no-control-regex
const HIDDEN = /[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** What nobody would see is written out; halves of characters become U+FFFD. */
function visible(text: string): string {
  return text
    .toWellFormed()
    .replace(HIDDEN, (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
