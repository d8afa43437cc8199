import type { UrlRedactor } from '../../protocols/url/index.ts';
import type { GatewayEvent } from '../telemetry/index.ts';

/** An event as it is found again: plain data for the API, the console, the command line and log targets. */
export interface EventItem {
  /** Where it is stored; the cursor of what is older. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly type: string;
  readonly severity: 'info' | 'warn' | 'error';
  readonly door?: string;
  readonly source?: string;
  readonly user?: string;
  readonly target?: string;
  readonly reason?: string;
  readonly rule?: string;
  readonly feed?: string;
  /** How many it stands for: allows of one minute are one event. */
  readonly count: number;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Fields that are searched by equality; `host` is the host of the target. */
export const COLUMNS = [
  'time_ms',
  'type',
  'severity',
  'door',
  'source',
  'user',
  'target',
  'host',
  'reason',
  'rule',
  'feed',
  'count',
  'details',
] as const;

/** Values in the order of `COLUMNS`. */
export type EventRow = readonly (string | number | null)[];

const TEXT_CHARS_MAX = 4096;
const SEVERITIES = ['info', 'warn', 'error'] as const;

export function severityNumber(severity: string): number {
  return Math.max(0, SEVERITIES.indexOf(severity as (typeof SEVERITIES)[number]));
}

/** The row of an event, without what is secret in its URLs: nothing of it comes to the disk or to a log target. */
export function rowOf(event: GatewayEvent, redactor: UrlRedactor): EventRow {
  const { rule, feed, count, ...rest } = event.details ?? {};
  const text = (value: unknown): string | null =>
    typeof value === 'string' && value !== '' ? value.slice(0, TEXT_CHARS_MAX) : null;
  const details = detailsText(rest, redactor);
  const target = event.target === undefined ? undefined : withoutSecrets(event.target, redactor);
  return [
    Math.floor(event.timeMs),
    event.type.slice(0, TEXT_CHARS_MAX),
    severityNumber(event.severity),
    event.door ?? null,
    text(event.source),
    text(event.user),
    text(target),
    target === undefined ? null : hostOf(target),
    text(event.reason),
    text(rule),
    text(feed),
    typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : 1,
    details.length <= TEXT_CHARS_MAX ? details : '{"cut":true}',
  ];
}

/** A mail address is no authority: what is no URL keeps its `@`. */
function withoutSecrets(target: string, redactor: UrlRedactor): string {
  return target.includes('://') || target.includes('?') ? redactor.url(target) : redactor.text(target);
}

/** Entries of lists stay as their list has them: who looks for one must find it. */
function detailsText(details: Readonly<Record<string, unknown>>, redactor: UrlRedactor): string {
  const text = JSON.stringify(details);
  // Nearly all have nothing of the kind.
  if (!/[?;%@]/.test(text)) return text;
  return JSON.stringify(details, (key, value: unknown) =>
    typeof value === 'string' && key !== 'entry' ? redactor.text(value) : value,
  );
}

/** The event of a row; the names are those of the columns. */
export function itemOf(id: string, row: Readonly<Record<string, unknown>>): EventItem {
  const optional = (name: string) => {
    const value = row[name];
    return typeof value === 'string' ? { [name]: value } : {};
  };
  const details: unknown = JSON.parse(typeof row['details'] === 'string' ? row['details'] : '{}');
  return {
    id,
    time: new Date(Number(row['time_ms'])).toISOString(),
    type: String(row['type']),
    severity: SEVERITIES[Number(row['severity'])] ?? 'info',
    ...optional('door'),
    ...optional('source'),
    ...optional('user'),
    ...optional('target'),
    ...optional('reason'),
    ...optional('rule'),
    ...optional('feed'),
    count: Number(row['count']),
    details: typeof details === 'object' && details !== null ? { ...details } : {},
  };
}

/** The same from values, for those who follow live. */
export function itemOfRow(id: string, row: EventRow): EventItem {
  return itemOf(id, Object.fromEntries(COLUMNS.map((name, at) => [name, row[at]])));
}

/** Host of a URL or of `host:port`, lower case; what is no URL is its own name. */
export function hostOf(target: string): string {
  const start = target.indexOf('://');
  const rest = start < 0 ? target : target.slice(start + 3);
  const end = rest.search(/[/?#]/);
  const authority = (end < 0 ? rest : rest.slice(0, end)).slice(0, TEXT_CHARS_MAX);
  const host = authority.startsWith('[')
    ? authority.slice(1, authority.indexOf(']'))
    : authority.replace(/:\d*$/, '');
  return host.toLowerCase();
}
