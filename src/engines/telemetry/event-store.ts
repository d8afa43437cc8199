import { type Clock, type DoorName, type EdgeLinks, type Log, PORT_TABLE } from '../../kernel/index.ts';
import type { GatewayEvent } from './event-queue.io.ts';

/**
 * The part of a database that the event store needs. Kysely offers it as
 * `(text, parameters) => db.executeQuery(CompiledQuery.raw(text, [...parameters])).then(({ rows }) => rows)`.
 */
export type SqlExecutor = (
  text: string,
  parameters: readonly (string | number | null)[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

export interface StoredEvent extends GatewayEvent {
  readonly id: number;
}

export interface EventQuery {
  /** `decision.block`, or a prefix that ends with a dot: `decision.`. */
  readonly type?: string;
  readonly source?: string;
  readonly user?: string;
  /** Only events older than this id: the next page. */
  readonly beforeId?: number;
  /** At most 1000. */
  readonly limit: number;
}

export interface EventStore {
  /** Makes the table when it is missing. */
  open(): Promise<void>;
  add(events: readonly GatewayEvent[]): Promise<void>;
  /** Newest first. */
  list(query: EventQuery): Promise<readonly StoredEvent[]>;
}

const CREATE = `create table if not exists events (
  id integer primary key autoincrement,
  time_ms integer not null,
  type text not null,
  severity text not null,
  door text,
  source text,
  user text,
  target text,
  reason text,
  details text not null
)`;

const COLUMNS = 'time_ms, type, severity, door, source, user, target, reason, details';

/** SQLite takes 32,766 parameters; nine columns and 500 rows stay far below, and keep one statement short. */
const ROWS_MAX = 500;
const LIST_MAX = 1000;
const TEXT_CHARS_MAX = 4096;

/** Events in a table that keeps the newest `keepMax`. */
export function createEventStore(sql: SqlExecutor, { keepMax }: { readonly keepMax: number }): EventStore {
  return {
    async open() {
      await sql(CREATE, []);
    },
    async add(events) {
      for (let at = 0; at < events.length; at += ROWS_MAX) {
        const rows = events.slice(at, at + ROWS_MAX);
        const marks = rows.map(() => '(?, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ');
        await sql(`insert into events (${COLUMNS}) values ${marks}`, rows.flatMap(columnsOf));
      }
      // Ids only grow, so the newest are the largest: no count and no scan.
      await sql('delete from events where id <= (select max(id) from events) - ?', [keepMax]);
    },
    async list(query) {
      const where: string[] = [];
      const parameters: (string | number)[] = [];
      if (query.type !== undefined) {
        const prefix = query.type.endsWith('.');
        where.push(prefix ? 'substr(type, 1, ?) = ?' : 'type = ?');
        if (prefix) parameters.push(query.type.length);
        parameters.push(query.type);
      }
      for (const column of ['source', 'user'] as const) {
        const value = query[column];
        if (value === undefined) continue;
        where.push(`${column} = ?`);
        parameters.push(value);
      }
      if (query.beforeId !== undefined) {
        where.push('id < ?');
        parameters.push(query.beforeId);
      }
      const condition = where.length === 0 ? '' : ` where ${where.join(' and ')}`;
      const rows = await sql(`select id, ${COLUMNS} from events${condition} order by id desc limit ?`, [
        ...parameters,
        Math.max(1, Math.min(LIST_MAX, query.limit)),
      ]);
      return rows.map(eventOf);
    },
  };
}

/**
 * Takes the batches of the edges into the store, one after the other. What cannot be stored is counted and
 * said once: events may be lost, the data path may not wait.
 */
export function storeEvents(
  links: EdgeLinks,
  store: EventStore,
  { clock, log }: { clock: Clock; log: Log },
): void {
  let last: Promise<void> = Promise.resolve();
  let failing = false;
  links.onPost('events', (data, edge) => {
    const { events, dropped } = parseBatch(data);
    if (dropped > 0) events.push(lostEvent(clock.now(), dropped, edge.pid));
    last = last
      .then(() => store.add(events))
      .then(() => void (failing = false))
      .catch((error: unknown) => {
        if (!failing) log.warn('events.not-stored', { error, events: events.length });
        failing = true;
      });
  });
}

function lostEvent(timeMs: number, dropped: number, pid: number): GatewayEvent {
  return {
    timeMs,
    type: 'events.lost',
    severity: 'warn',
    door: undefined,
    source: undefined,
    user: undefined,
    target: undefined,
    reason: 'queue-full',
    details: { dropped, pid },
  };
}

function parseBatch(data: unknown): { readonly events: GatewayEvent[]; readonly dropped: number } {
  if (typeof data !== 'object' || data === null) return { events: [], dropped: 0 };
  const list = 'events' in data && Array.isArray(data.events) ? data.events : [];
  const dropped = 'dropped' in data && typeof data.dropped === 'number' ? data.dropped : 0;
  return { events: list.filter(isEvent), dropped };
}

function isEvent(item: unknown): item is GatewayEvent {
  return (
    typeof item === 'object' &&
    item !== null &&
    'timeMs' in item &&
    typeof item.timeMs === 'number' &&
    'type' in item &&
    typeof item.type === 'string' &&
    'severity' in item &&
    (item.severity === 'info' || item.severity === 'warn' || item.severity === 'error')
  );
}

function columnsOf(event: GatewayEvent): readonly (string | number | null)[] {
  const text = (value: string | undefined) => value?.slice(0, TEXT_CHARS_MAX) ?? null;
  const details = JSON.stringify(event.details ?? {});
  return [
    Math.floor(event.timeMs),
    event.type,
    event.severity,
    event.door ?? null,
    text(event.source),
    text(event.user),
    text(event.target),
    text(event.reason),
    details.length <= TEXT_CHARS_MAX ? details : '{"cut":true}',
  ];
}

function eventOf(row: Readonly<Record<string, unknown>>): StoredEvent {
  const text = (name: string) => (typeof row[name] === 'string' ? row[name] : undefined);
  const details: unknown = JSON.parse(text('details') ?? '{}');
  return {
    id: Number(row['id']),
    timeMs: Number(row['time_ms']),
    type: text('type') ?? '',
    severity: severityOf(row['severity']),
    door: doorOf(text('door')),
    source: text('source'),
    user: text('user'),
    target: text('target'),
    reason: text('reason'),
    details: isRecord(details) ? details : {},
  };
}

function severityOf(value: unknown): GatewayEvent['severity'] {
  return value === 'warn' || value === 'error' ? value : 'info';
}

function doorOf(text: string | undefined): DoorName | undefined {
  return PORT_TABLE.find((row) => row.door === text)?.door;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
