import type { DatabaseSync } from 'node:sqlite';
import type { Condition, Lookup } from './query.ts';

/** Entries of an index that are counted to find the rarest: a thousandth of a second. */
const COUNT_MAX = 2000;

/**
 * Of several fields, each with the values that would do, the one with the fewest rows: what it finds is looked at row by row.
 * `undefined`: no field has an index, all rows are looked at.
 */
export function rarest(
  database: DatabaseSync,
  fields: readonly (readonly Lookup[])[],
  range: Range,
): readonly Lookup[] | undefined {
  let best: { readonly lookups: readonly Lookup[]; readonly count: number } | undefined;
  for (const lookups of fields) {
    let count = 0;
    for (const lookup of lookups) {
      const text = `select count(*) as n from (select 1 from ${from(lookup)} limit ${COUNT_MAX})`;
      count += Number(database.prepare(text).get(lookup.value, range.low, range.high)?.['n'] ?? 0);
    }
    if (best === undefined || count < best.count) best = { lookups, count };
  }
  return best?.lookups;
}

/** Numbers of rows, both in. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface Candidates {
  /** Newest first. */
  readonly ids: readonly number[];
  /** Every row above this was looked for. */
  readonly low: number;
}

/** The newest rows that have one of the values, from the indexes alone. */
export function candidatesOf(
  database: DatabaseSync,
  lookups: readonly Lookup[],
  { low, high }: Range,
  count: number,
): Candidates {
  const ids: number[] = [];
  let isCut = false;
  for (const lookup of lookups) {
    const text = `select id from ${from(lookup)} order by id desc limit ?`;
    const rows = database.prepare(text).all(lookup.value, low, high, count);
    isCut ||= rows.length === count;
    for (const row of rows) ids.push(Number(row['id']));
  }
  if (lookups.length > 1) ids.sort((a, b) => b - a);
  // Below the last of those that were cut, others may be missing.
  const kept = ids.slice(0, count);
  return { ids: kept, low: isCut ? kept.at(-1)! : low };
}

function from({ index, sql }: Lookup): string {
  return `events indexed by ${index} where ${sql} and id between ? and ?`;
}

type Row = Readonly<Record<string, unknown>>;

/** Those of the candidates for which everything holds, in their order. */
export function filtered(
  database: DatabaseSync,
  ids: readonly number[],
  conditions: readonly Condition[],
  limit: number,
): readonly Row[] {
  if (ids.length === 0) return [];
  // CROSS JOIN keeps the order of the tables: each candidate is one look at its row, whatever else has an index.
  const where = conditions.map(({ sql }) => ` and ${sql}`).join('');
  const text = `select events.* from json_each(?) as candidate cross join events on events.id = candidate.value where true${where} limit ?`;
  return database.prepare(text).all(`[${ids.join()}]`, ...conditions.flatMap(({ values }) => values), limit);
}

/** The same of all rows of a range, newest first. */
export function scanned(
  database: DatabaseSync,
  { low, high }: Range,
  conditions: readonly Condition[],
  limit: number,
): readonly Row[] {
  const where = conditions.map(({ sql }) => ` and ${sql}`).join('');
  const text = `select * from events where id between ? and ?${where} order by id desc limit ?`;
  return database.prepare(text).all(low, high, ...conditions.flatMap(({ values }) => values), limit);
}
