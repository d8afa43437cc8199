import { eventErrors } from './errors.ts';
import { parsePosition } from './partition.ts';
import { type EventQuery, type EventSearch, LIMIT_DEFAULT, LIMIT_MAX } from './query.ts';

const TEXT_CHARS_MAX = 2048;
const TEXTS = ['type', 'severity', 'door', 'source', 'user', 'target', 'rule', 'feed', 'text'] as const;

/** A query as a door, a command or a file wrote it. Throws EVENTS_QUERY. */
export function readQuery(params: unknown): EventQuery {
  const query: Record<string, string | number> = {};
  for (const name of TEXTS) {
    const value = readText(params, name);
    if (value !== undefined) query[name] = value;
  }
  if (query['severity'] !== undefined && !['info', 'warn', 'error'].includes(String(query['severity']))) {
    throw eventErrors.EVENTS_QUERY({ field: 'severity', reason: 'it is info, warn or error' });
  }
  for (const name of ['sinceMs', 'untilMs'] as const) {
    const value = member(params, name);
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw eventErrors.EVENTS_QUERY({ field: name.slice(0, 5), reason: 'it is a time' });
    }
    query[name] = value;
  }
  return query;
}

export function readSearch(params: unknown): EventSearch {
  const cursor = readText(params, 'cursor');
  if (cursor !== undefined && parsePosition(cursor) === undefined) {
    throw eventErrors.EVENTS_QUERY({ field: 'cursor', reason: 'take the one of the answer before' });
  }
  return { ...readQuery(params), ...(cursor === undefined ? {} : { cursor }), limit: readLimit(params) };
}

export function readLimit(params: unknown): number {
  const limit = member(params, 'limit') ?? LIMIT_DEFAULT;
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) {
    throw eventErrors.EVENTS_QUERY({ field: 'limit', reason: `it is a whole number from 1 to ${LIMIT_MAX}` });
  }
  return limit;
}

export function readText(params: unknown, name: string): string | undefined {
  const value = member(params, name);
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || value.length > TEXT_CHARS_MAX) {
    throw eventErrors.EVENTS_QUERY({
      field: name,
      reason: `it is a text of at most ${TEXT_CHARS_MAX} characters`,
    });
  }
  return value;
}

function member(params: unknown, name: string): unknown {
  if (typeof params !== 'object' || params === null) return undefined;
  return (params as Readonly<Record<string, unknown>>)[name];
}
