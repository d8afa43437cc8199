/** What lists write where they know nothing. */
export function presentText(text: string): string {
  const plain = text.trim();
  return plain.length <= 4 && ABSENT.has(plain.toLowerCase()) ? '' : plain;
}

const ABSENT: ReadonlySet<string> = new Set(['', '-', 'n/a', 'na', 'none', 'null', 'nil']);

/**
 * Milliseconds since 1970 of a date as lists write it: `2024-01-31`, `2024-01-31 12:00:00`, RFC 3339, seconds
 * or milliseconds since 1970. UTC where no zone is named. `undefined` when it is none of these.
 */
export function timeMsOf(text: string): number | undefined {
  if (/^\d{10}(?:\d{3})?$/.test(text)) return text.length === 10 ? Number(text) * 1000 : Number(text);
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const fraction = match[7] === undefined ? 0 : Math.floor(Number(match[7]) * 1000);
  const ms = Date.UTC(year!, month! - 1, day, hour, minute, second, fraction);
  // Date.UTC carries over: the 31st of February would be the 3rd of March.
  const date = new Date(ms);
  const isReal = date.getUTCDate() === day && date.getUTCMonth() === month! - 1 && hour! < 24 && minute! < 60;
  if (!isReal || second! > 60) return undefined;
  const [sign, hours, minutes] = [match[8], Number(match[9] ?? 0), Number(match[10] ?? 0)];
  const zoneMs = (hours * 60 + minutes) * 60_000;
  return sign === '-' ? ms + zoneMs : ms - zoneMs;
}

const TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?(?: ?(?:Z|UTC|GMT|([+-])(\d{2}):?(\d{2})))?)?$/i;

/** A confidence from 0 to 100, in digits or in the words of STIX 2.1 (Appendix A, None/Low/Med/High). */
export function confidenceOf(text: string): number | undefined {
  if (/^\d{1,3}(?:\.\d{1,6})?$/.test(text)) {
    const value = Math.round(Number(text));
    return value <= 100 ? value : undefined;
  }
  return CONFIDENCE_WORDS.get(text.toLowerCase());
}

const CONFIDENCE_WORDS: ReadonlyMap<string, number> = new Map([
  ['low', 15],
  ['med', 50],
  ['medium', 50],
  ['high', 85],
]);
