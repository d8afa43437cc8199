import { encodeCursor, type TaxiiCursor, type TaxiiQuery } from './query.ts';
import {
  STIX_MEDIA_TYPE,
  type TaxiiEnvelope,
  type TaxiiManifest,
  type TaxiiObject,
  type TaxiiVersions,
} from './resources.ts';
import { timestampKey } from './timestamp.ts';

/** One version of one object in a collection. */
export interface TaxiiRecord {
  readonly id: string;
  readonly type: string;
  /** `modified` of the object, else `created`, else `dateAdded` (§5.3.1). */
  readonly version: string;
  readonly specVersion: string;
  /** When the collection got it. */
  readonly dateAdded: string;
}

/** A record in the order of its collection, with what only a look at all records can tell. */
export interface PlacedRecord<R extends TaxiiRecord> {
  readonly record: R;
  readonly addedKey: string;
  readonly versionKey: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly isNewestSpec: boolean;
}

export interface TaxiiPage<R extends TaxiiRecord> {
  readonly records: readonly R[];
  readonly more: boolean;
  readonly next: string | undefined;
  /** Header fields of the answer (§3.2): dates of the first and the last object on the page. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Brings the records of a collection into the order of pages; once for each change of the collection. */
export function placeRecords<R extends TaxiiRecord>(records: Iterable<R>): readonly PlacedRecord<R>[] {
  const keyed = Array.from(records, (record) => ({
    record,
    addedKey: timestampKey(record.dateAdded) ?? record.dateAdded,
    versionKey: timestampKey(record.version) ?? record.version,
  }));
  const versions = new Map<string, { first: string; last: string }>();
  const newestSpec = new Map<string, string>();
  for (const { record, versionKey } of keyed) {
    const group = `${record.id} ${record.specVersion}`;
    const known = versions.get(group);
    if (known === undefined) versions.set(group, { first: versionKey, last: versionKey });
    else if (versionKey < known.first) known.first = versionKey;
    else if (versionKey > known.last) known.last = versionKey;
    const newest = newestSpec.get(record.id);
    if (newest === undefined || record.specVersion > newest) newestSpec.set(record.id, record.specVersion);
  }
  return keyed
    .map((each) => {
      const { first, last } = versions.get(`${each.record.id} ${each.record.specVersion}`)!;
      return {
        ...each,
        isFirst: each.versionKey === first,
        isLast: each.versionKey === last,
        isNewestSpec: newestSpec.get(each.record.id) === each.record.specVersion,
      };
    })
    .toSorted(compare);
}

/** The page of a collection that a query asks for: oldest first (§3.3). */
export function taxiiPage<R extends TaxiiRecord>(
  placed: readonly PlacedRecord<R>[],
  query: TaxiiQuery,
): TaxiiPage<R> {
  const found: PlacedRecord<R>[] = [];
  let more = false;
  for (let at = startOf(placed, query); at < placed.length; at++) {
    const each = placed[at]!;
    if (!isMatch(each, query)) continue;
    if (found.length === query.limit) {
      more = true;
      break;
    }
    found.push(each);
  }
  const [first, last] = [found[0], found.at(-1)];
  return {
    records: found.map(({ record }) => record),
    more,
    next: more && last !== undefined ? encodeCursor(cursorOf(last)) : undefined,
    headers:
      first === undefined || last === undefined
        ? {}
        : { 'X-TAXII-Date-Added-First': first.addedKey, 'X-TAXII-Date-Added-Last': last.addedKey },
  };
}

/** An empty page has no properties at all (§3.7). */
export function envelopeOf(page: TaxiiPage<TaxiiRecord>, objects: readonly TaxiiObject[]): TaxiiEnvelope {
  return { ...moreOf(page), ...(objects.length === 0 ? {} : { objects }) };
}

/** Manifests and versions have no `next` (§5.3.1, §5.8.1): clients go on behind the last date (§3.5). */
export function manifestOf(page: TaxiiPage<TaxiiRecord>): TaxiiManifest {
  const objects = page.records.map(({ id, dateAdded, version, specVersion }) => ({
    id,
    date_added: timestampKey(dateAdded) ?? dateAdded,
    version,
    media_type: specVersion === '2.1' ? STIX_MEDIA_TYPE : `application/stix+json;version=${specVersion}`,
  }));
  return { ...(page.more ? { more: true } : {}), ...(objects.length === 0 ? {} : { objects }) };
}

export function versionsOf(page: TaxiiPage<TaxiiRecord>): TaxiiVersions {
  const versions = page.records.map(({ version }) => version);
  return { ...(page.more ? { more: true } : {}), ...(versions.length === 0 ? {} : { versions }) };
}

/** What a collection keeps of an object that it is given. */
export function recordOf(object: TaxiiObject, dateAdded: string): TaxiiRecord {
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return {
    id: object.id,
    type: object.type,
    version: text(object['modified']) ?? text(object['created']) ?? dateAdded,
    // STIX 2.0 has no spec_version in its objects.
    specVersion: text(object['spec_version']) ?? '2.0',
    dateAdded,
  };
}

function moreOf(page: TaxiiPage<TaxiiRecord>): { more?: boolean; next?: string } {
  return page.next === undefined ? {} : { more: true, next: page.next };
}

function isMatch(each: PlacedRecord<TaxiiRecord>, query: TaxiiQuery): boolean {
  const { record } = each;
  if (query.ids !== undefined && !query.ids.has(record.id)) return false;
  if (query.types !== undefined && !query.types.has(record.type)) return false;
  const isSpec =
    query.specVersions === undefined ? each.isNewestSpec : query.specVersions.has(record.specVersion);
  if (!isSpec) return false;
  const { all, first, last, exact } = query.versions;
  return all || (first && each.isFirst) || (last && each.isLast) || exact.has(each.versionKey);
}

function startOf(placed: readonly PlacedRecord<TaxiiRecord>[], query: TaxiiQuery): number {
  const { addedAfter, next } = query;
  const isBefore = (each: PlacedRecord<TaxiiRecord>): boolean =>
    (addedAfter !== undefined && each.addedKey <= addedAfter) ||
    (next !== undefined && compareCursors(cursorOf(each), next) <= 0);
  let [low, high] = [0, placed.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(placed[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function cursorOf({ addedKey, record, versionKey }: PlacedRecord<TaxiiRecord>): TaxiiCursor {
  return { dateAdded: addedKey, id: record.id, version: versionKey, specVersion: record.specVersion };
}

function compare(x: PlacedRecord<TaxiiRecord>, y: PlacedRecord<TaxiiRecord>): number {
  return compareCursors(cursorOf(x), cursorOf(y));
}

function compareCursors(x: TaxiiCursor, y: TaxiiCursor): number {
  return (
    order(x.dateAdded, y.dateAdded) ||
    order(x.id, y.id) ||
    order(x.version, y.version) ||
    order(x.specVersion ?? BEHIND, y.specVersion ?? BEHIND)
  );
}

/** Sorts behind every version. */
const BEHIND = '~';

function order(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0;
}
