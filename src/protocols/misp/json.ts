/** Looking into JSON that a stranger wrote. */

export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function recordsOf(value: unknown): readonly JsonRecord[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** MISP writes booleans as `true`, `1`, `"1"`, by version. */
export function isYes(value: unknown): boolean {
  return value === true || value === 1 || value === '1' || value === 'true';
}

/** `first_seen` and `last_seen`: ISO 8601 with any offset, or microseconds since 1970 as MISP itself stores them. */
export function seenOf(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : textOf(value);
  if (text === undefined || text === '') return undefined;
  const ms = /^\d{15,17}$/.test(text) ? Math.floor(Number(text) / 1000) : Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
