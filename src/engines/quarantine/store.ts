import type { KeepRequest, QuarantineItem } from './item.ts';

/** One statement as text, over the database of control. */
export type SqlExecutor = (
  text: string,
  parameters: readonly (string | number | null)[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

export interface ItemQuery {
  readonly state?: QuarantineItem['state'];
  readonly sha256?: string;
  readonly source?: string;
  readonly user?: string;
  /** Only items that were kept before this one: the next page. */
  readonly beforeId?: string;
  /** At most 1000. */
  readonly limit: number;
}

export interface Totals {
  readonly items: number;
  readonly storedBytes: number;
}

/** Which items to remove. */
export type Selection =
  | { readonly kind: 'all' | 'released' }
  | { readonly kind: 'expired' | 'kept-before'; readonly atMs: number };

const CREATE = `create table if not exists quarantine (
  number integer primary key autoincrement,
  id text not null unique,
  sha256 text not null unique,
  name text not null,
  bytes integer not null,
  stored_bytes integer not null,
  media text not null,
  state text not null,
  door text not null,
  source text not null,
  user text,
  rule text,
  finding text,
  kept_at_ms integer not null,
  expires_at_ms integer not null,
  seen integer not null,
  last_seen_ms integer not null,
  received_sha256 text,
  received_coding text
)`;
/** Columns that tables of earlier releases do not have. */
const ADDED = ['received_sha256', 'received_coding'];

export const LIST_MAX = 1000;

/** The list of what is in the quarantine. Calls of one transaction are made by the one admin that uses it. */
export class ItemStore {
  readonly #sql: SqlExecutor;

  constructor(sql: SqlExecutor) {
    this.#sql = sql;
  }

  async open(): Promise<void> {
    await this.#sql(CREATE, []);
    const columns = await this.#sql("select name from pragma_table_info('quarantine')", []);
    const names = new Set(columns.map(({ name }) => name));
    for (const name of ADDED) {
      if (!names.has(name)) await this.#sql(`alter table quarantine add column ${name} text`, []);
    }
  }

  async totals(): Promise<Totals> {
    const [row] = await this.#sql(
      'select count(*) as items, coalesce(sum(stored_bytes), 0) as bytes from quarantine',
      [],
    );
    return { items: Number(row?.['items'] ?? 0), storedBytes: Number(row?.['bytes'] ?? 0) };
  }

  async add(item: QuarantineItem): Promise<void> {
    await this.#sql(
      `insert into quarantine (id, sha256, name, bytes, stored_bytes, media, state, door, source, user, rule,
         finding, kept_at_ms, expires_at_ms, seen, last_seen_ms, received_sha256, received_coding)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        item.id,
        item.sha256,
        item.name,
        item.bytes,
        item.storedBytes,
        item.media,
        item.state,
        item.door,
        item.source,
        item.user ?? null,
        item.rule ?? null,
        item.finding === undefined ? null : JSON.stringify(item.finding),
        item.keptAtMs,
        item.expiresAtMs,
        item.seen,
        item.lastSeenMs,
        item.received?.sha256 ?? null,
        item.received?.coding ?? null,
      ],
    );
  }

  /** Caught once more: it stays longer, and the last one who brought it is named. */
  async seenAgain(sha256: string, request: KeepRequest, atMs: number, expiresAtMs: number): Promise<void> {
    await this.#sql(
      `update quarantine set seen = seen + 1, last_seen_ms = ?, expires_at_ms = max(expires_at_ms, ?),
         door = ?, source = ?, user = ?, received_sha256 = ?, received_coding = ? where sha256 = ?`,
      [
        atMs,
        expiresAtMs,
        request.door,
        request.source,
        request.user ?? null,
        request.received?.sha256 ?? null,
        request.received?.coding ?? null,
        sha256,
      ],
    );
  }

  async release(id: string): Promise<void> {
    await this.#sql("update quarantine set state = 'released' where id = ?", [id]);
  }

  async remove(id: string): Promise<void> {
    await this.#sql('delete from quarantine where id = ?', [id]);
  }

  async bySha256(sha256: string): Promise<QuarantineItem | undefined> {
    return (await this.#sql('select * from quarantine where sha256 = ?', [sha256])).map(itemOf)[0];
  }

  /** The newest that came as this body. */
  async byReceived(sha256: string): Promise<QuarantineItem | undefined> {
    const rows = await this.#sql(
      'select * from quarantine where received_sha256 = ? order by number desc limit 1',
      [sha256],
    );
    return rows.map(itemOf)[0];
  }

  /** Items whose id begins so; at most two, which is enough to see that it is not one. */
  async byPrefix(prefix: string): Promise<readonly QuarantineItem[]> {
    // A range instead of LIKE: nothing in the text can be a wildcard, and `g` follows every digit of an id.
    const rows = await this.#sql('select * from quarantine where id >= ? and id < ? limit 2', [
      prefix,
      `${prefix}g`,
    ]);
    return rows.map(itemOf);
  }

  /** Newest first. */
  async list(query: ItemQuery): Promise<readonly QuarantineItem[]> {
    const where: string[] = [];
    const parameters: (string | number)[] = [];
    for (const column of ['state', 'sha256', 'source', 'user'] as const) {
      const value = query[column];
      if (value === undefined) continue;
      where.push(`${column} = ?`);
      parameters.push(value);
    }
    if (query.beforeId !== undefined) {
      where.push('number < (select number from quarantine where id = ?)');
      parameters.push(query.beforeId);
    }
    const condition = where.length === 0 ? '' : ` where ${where.join(' and ')}`;
    const rows = await this.#sql(`select * from quarantine${condition} order by number desc limit ?`, [
      ...parameters,
      Math.max(1, Math.min(LIST_MAX, query.limit)),
    ]);
    return rows.map(itemOf);
  }

  /** Oldest first, released ones before the others: the order in which items make room. */
  async oldest(limit: number): Promise<readonly QuarantineItem[]> {
    const rows = await this.#sql(
      "select * from quarantine order by state = 'released' desc, last_seen_ms, number limit ?",
      [limit],
    );
    return rows.map(itemOf);
  }

  async selected(selection: Selection): Promise<readonly QuarantineItem[]> {
    const [condition, parameters] = conditionOf(selection);
    return (
      await this.#sql(`select * from quarantine where ${condition} limit ?`, [...parameters, LIST_MAX])
    ).map(itemOf);
  }

  async ids(): Promise<ReadonlySet<string>> {
    return new Set((await this.#sql('select id from quarantine', [])).map((row) => String(row['id'])));
  }
}

function conditionOf(selection: Selection): readonly [string, readonly number[]] {
  switch (selection.kind) {
    case 'all':
      return ['1', []];
    case 'released':
      return ["state = 'released'", []];
    case 'expired':
      return ['expires_at_ms <= ?', [selection.atMs]];
    default:
      return ['last_seen_ms < ?', [selection.atMs]];
  }
}

function itemOf(row: Readonly<Record<string, unknown>>): QuarantineItem {
  const text = (name: string) => (typeof row[name] === 'string' ? row[name] : undefined);
  const finding = text('finding');
  const received = text('received_sha256');
  return {
    id: text('id') ?? '',
    sha256: text('sha256') ?? '',
    received:
      received === undefined ? undefined : { sha256: received, coding: text('received_coding') ?? '' },
    name: text('name') ?? '',
    bytes: Number(row['bytes']),
    storedBytes: Number(row['stored_bytes']),
    media: text('media') ?? '',
    state: text('state') === 'released' ? 'released' : 'kept',
    door: text('door') ?? '',
    source: text('source') ?? '',
    user: text('user'),
    rule: text('rule'),
    // Only `add` writes it, from an `ItemFinding`.
    finding: finding === undefined ? undefined : (JSON.parse(finding) as QuarantineItem['finding']),
    keptAtMs: Number(row['kept_at_ms']),
    expiresAtMs: Number(row['expires_at_ms']),
    seen: Number(row['seen']),
    lastSeenMs: Number(row['last_seen_ms']),
  };
}
