import type { DatabaseSync } from 'node:sqlite';
import type { Condition, Lookup } from './query.ts';

/** Entries of an index that are counted to find the rarest: a thousandth of a second. */
const COUNT_MAX = 2000;
/** Fields that follow each other row by row are walked, not jumped over. */
const LOOKS_MAX = 4;

/** The values that would do for one field. */
export type Field = readonly Lookup[];

/** Fields of a question that have an index, the one with the fewest rows first. */
export function byRarity(database: DatabaseSync, fields: readonly Field[], range: Range): readonly Field[] {
  const counted = fields.map((field) => {
    let count = 0;
    for (const lookup of field) {
      const text = `select count(*) as n from (select 1 from ${from(lookup)} limit ${COUNT_MAX})`;
      count += Number(database.prepare(text).get(lookup.value, range.low, range.high)?.['n'] ?? 0);
    }
    return { field, count };
  });
  return counted.toSorted((one, other) => one.count - other.count).map(({ field }) => field);
}

/**
 * The newest row at which every field may hold: each of them has its next row there or below. What never happens at the
 * same time is left out in one look for each. `undefined`: one of them has no more rows.
 */
export function nextAt(
  database: DatabaseSync,
  fields: readonly Field[],
  { low, high }: Range,
): number | undefined {
  let at = high;
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    let lowest = at;
    for (const field of fields) {
      let newest: number | undefined;
      for (const lookup of field) {
        const row = database.prepare(`select max(id) as id from ${from(lookup)}`).get(lookup.value, low, at);
        const id = row?.['id'];
        if (typeof id === 'number' && (newest === undefined || id > newest)) newest = id;
      }
      if (newest === undefined) return undefined;
      lowest = Math.min(lowest, newest);
    }
    if (lowest === at) break;
    at = lowest;
  }
  return at;
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

/**
 * The newest rows of a field, `count` of them or fewer, and of those the ones that have the other fields too: from the
 * indexes alone, no row is read.
 */
export function candidatesOf(
  database: DatabaseSync,
  [first = [], ...others]: readonly Field[],
  { low, high }: Range,
  count: number,
): Candidates {
  const ids: number[] = [];
  let isCut = false;
  for (const lookup of first) {
    const rows = database
      .prepare(`select id from ${from(lookup)} order by id desc limit ?`)
      .all(lookup.value, low, high, count);
    isCut ||= rows.length === count;
    for (const row of rows) ids.push(Number(row['id']));
  }
  if (first.length > 1) ids.sort((a, b) => b - a);
  // Below the last of those that were cut, others may be missing.
  let kept = ids.slice(0, count);
  const end = isCut ? kept.at(-1)! : low;
  for (const field of others) {
    if (kept.length > 0) kept = having(database, field, kept);
  }
  return { ids: kept, low: end };
}

/** Those of the rows that one of the lookups finds, in their order. */
function having(database: DatabaseSync, field: Field, ids: readonly number[]): number[] {
  const found = field.flatMap(({ index, sql, value }) => {
    const text = `select row_id from ${HANDED_IN} where exists (select 1 from events indexed by ${index} where ${sql} and id = row_id)`;
    return database
      .prepare(text)
      .all(handedIn(ids), value)
      .map((row) => Number(row['row_id']));
  });
  return field.length > 1 ? found.toSorted((a, b) => b - a) : found;
}

/** Numbers of rows as a table, in their order. */
const HANDED_IN = '(select value as row_id from json_each(?))';

function handedIn(ids: readonly number[]): string {
  return `[${ids.join()}]`;
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
  const text = `select events.* from ${HANDED_IN} as candidate cross join events on events.id = candidate.row_id where true${where} limit ?`;
  return database.prepare(text).all(handedIn(ids), ...conditions.flatMap(({ values }) => values), limit);
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
