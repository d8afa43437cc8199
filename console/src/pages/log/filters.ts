import { query, setQuery } from '../../lib/router.ts';

/** What events can be filtered by; the names are those of the API. */
export const FIELDS = [
  'type',
  'severity',
  'door',
  'source',
  'user',
  'target',
  'rule',
  'feed',
  'text',
] as const;
export type FieldName = (typeof FIELDS)[number];

export const RANGES = { '15m': 900, '1h': 3600, '24h': 86_400, '7d': 604_800, all: 0 } as const;
export type Range = keyof typeof RANGES | 'custom';

/** The filters of the address, as the API takes them. */
export interface Filters {
  readonly fields: Readonly<Partial<Record<FieldName, string>>>;
  readonly range: Range;
  readonly since: string | undefined;
  readonly until: string | undefined;
}

export function filtersOf(parameters: URLSearchParams): Filters {
  const fields = Object.fromEntries(
    FIELDS.flatMap((name) => {
      const value = parameters.get(name);
      return value === null || value === '' ? [] : [[name, value]];
    }),
  );
  const wanted = parameters.get('range') ?? '24h';
  const range = wanted === 'custom' || wanted in RANGES ? (wanted as Range) : '24h';
  const since = parameters.get('since') ?? undefined;
  const until = parameters.get('until') ?? undefined;
  return { fields, range, since, until };
}

/** Of a whole range the beginning moves along, to the minute: the same question within it has the same key. */
export function questionOf({
  fields,
  range,
  since,
  until,
}: Filters): Readonly<Record<string, string | undefined>> {
  if (range === 'custom') return { ...fields, since: isoOf(since), until: isoOf(until) };
  const seconds = RANGES[range];
  if (seconds === 0) return { ...fields };
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  return { ...fields, since: new Date(minute - seconds * 1000).toISOString() };
}

export function setField(name: FieldName, value: string | undefined): void {
  setQuery({ [name]: value, event: undefined });
}

export function currentFilters(): Filters {
  return filtersOf(query.value);
}

/** The local time of a form field. */
function isoOf(local: string | undefined): string | undefined {
  if (local === undefined) return undefined;
  const date = new Date(local);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
