const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?Z$/;

/**
 * A timestamp of TAXII and STIX (RFC 3339, `Z`, any number of fractional digits) in the one form in which texts
 * compare as times do: six digits behind the point (TAXII 2.1 §2). `undefined` when it is none.
 */
export function timestampKey(text: string): string | undefined {
  const found = RFC_3339.exec(text);
  if (found === null || Number.isNaN(Date.parse(`${text.slice(0, 19)}Z`))) return undefined;
  return `${text.slice(0, 19)}.${(found[7] ?? '').slice(0, 6).padEnd(6, '0')}Z`;
}

/** How TAXII writes a moment: with microseconds. */
export function taxiiTimestamp(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
