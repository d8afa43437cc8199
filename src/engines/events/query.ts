import { hostOf, severityNumber } from './event.ts';

/** What is looked for. All that is given must hold. */
export interface EventQuery {
  /** `decision.block`, or a prefix that ends with a dot: `decision.`. */
  readonly type?: string;
  /** This one and worse. */
  readonly severity?: string;
  readonly door?: string;
  readonly source?: string;
  readonly user?: string;
  /** A whole URL, or a host. */
  readonly target?: string;
  readonly rule?: string;
  readonly feed?: string;
  /** Anywhere in target, source, user, reason, rule or details, without regard to case. */
  readonly text?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

export interface EventSearch extends EventQuery {
  /** Of the answer before: go on behind it. */
  readonly cursor?: string;
  /** At most 500. */
  readonly limit?: number;
}

export const LIMIT_DEFAULT = 50;
export const LIMIT_MAX = 500;

/** A condition of SQL with its values. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** One value that an index finds: `user = ?`. Its rows come newest first. */
export interface Lookup {
  readonly index: string;
  readonly sql: string;
  readonly value: string | number;
}

/** Fields of a question that have an index, each with the values that would do. `types`: all that the file has. */
export function lookupsOf(query: EventQuery, types: readonly string[]): readonly (readonly Lookup[])[] {
  const found: (readonly Lookup[])[] = [];
  const equal = (column: string, value: string | number): Lookup => ({
    index: `by_${column}`,
    sql: `${column} = ?`,
    value,
  });
  for (const column of ['target', 'user', 'source', 'rule', 'feed', 'door'] as const) {
    const value = query[column];
    if (value === undefined) continue;
    found.push([column === 'target' ? equal('host', hostOf(value)) : equal(column, value)]);
  }
  const { type, severity } = query;
  if (type !== undefined) found.push(typesFor(type, types).map((each) => equal('type', each)));
  const levels = severity === undefined ? [] : LEVELS_FROM[severityNumber(severity)];
  // The index is a partial one: the question must say that it is in it.
  if (levels !== undefined && levels.length > 0) {
    found.push(
      levels.map((level) => ({ index: 'by_severity', sql: 'severity > 0 and severity = ?', value: level })),
    );
  }
  return found;
}

/** This one and worse; of the least all rows are. */
const LEVELS_FROM: readonly (readonly number[])[] = [[], [1, 2], [2]];

function typesFor(type: string, types: readonly string[]): readonly string[] {
  return type.endsWith('.') ? types.filter((each) => each.startsWith(type)) : [type];
}

/** What must hold for a row. */
export function conditionsOf(query: EventQuery): readonly Condition[] {
  const found: Condition[] = [];
  const { type, severity, target, text, sinceMs, untilMs } = query;
  if (type?.endsWith('.') === true) {
    // A range: all that begins with `decision.` is below `decision/`.
    found.push({ sql: 'type >= ? and type < ?', values: [type, `${type.slice(0, -1)}/`] });
  } else if (type !== undefined) found.push({ sql: 'type = ?', values: [type] });
  if (severity !== undefined && severityNumber(severity) > 0) {
    found.push({ sql: 'severity >= ?', values: [severityNumber(severity)] });
  }
  for (const column of ['door', 'source', 'user', 'rule', 'feed'] as const) {
    const value = query[column];
    if (value !== undefined) found.push({ sql: `${column} = ?`, values: [value] });
  }
  if (target !== undefined) {
    found.push({ sql: 'host = ?', values: [hostOf(target)] });
    if (/[/?#]/.test(target)) found.push({ sql: 'target = ?', values: [target] });
  }
  if (sinceMs !== undefined) found.push({ sql: 'time_ms >= ?', values: [sinceMs] });
  if (untilMs !== undefined) found.push({ sql: 'time_ms <= ?', values: [untilMs] });
  if (text !== undefined && text !== '') {
    const pattern = `%${text.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
    const columns = ['target', 'source', 'user', 'reason', 'rule', 'details'];
    found.push({
      sql: `(${columns.map((column) => `${column} like ? escape '\\'`).join(' or ')})`,
      values: columns.map(() => pattern),
    });
  }
  return found;
}

/** The same question to an event that just came in. */
export function matches(
  query: EventQuery,
  item: Readonly<Record<string, unknown>> & {
    readonly time: string;
    readonly type: string;
    readonly severity: string;
  },
): boolean {
  const { type, severity, target, text, sinceMs, untilMs } = query;
  if (type !== undefined && (type.endsWith('.') ? !item.type.startsWith(type) : item.type !== type))
    return false;
  if (severity !== undefined && severityNumber(item.severity) < severityNumber(severity)) return false;
  for (const name of ['door', 'source', 'user', 'rule', 'feed'] as const) {
    if (query[name] !== undefined && item[name] !== query[name]) return false;
  }
  const itemTarget = typeof item['target'] === 'string' ? item['target'] : '';
  if (target !== undefined) {
    if (hostOf(itemTarget) !== hostOf(target)) return false;
    if (/[/?#]/.test(target) && itemTarget !== target) return false;
  }
  const timeMs = Date.parse(item.time);
  if (sinceMs !== undefined && timeMs < sinceMs) return false;
  if (untilMs !== undefined && timeMs > untilMs) return false;
  if (text === undefined || text === '') return true;
  const wanted = text.toLowerCase();
  return ['target', 'source', 'user', 'reason', 'rule', 'details'].some((name) => {
    const value = item[name];
    const shown = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
    return shown.toLowerCase().includes(wanted);
  });
}
