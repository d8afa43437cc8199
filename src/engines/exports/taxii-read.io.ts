import type { FileHandle } from 'node:fs/promises';
import { TLPS, type Tlp } from '../../kernel/index.ts';
import { type ExportEntry, stixIndicator, stixProducer } from '../../protocols/exports/index.ts';
import { contextObjects, type StixObject } from '../../protocols/stix/index.ts';
import {
  encodeCursor,
  type TaxiiCursor,
  type TaxiiObject,
  type TaxiiPage,
  type TaxiiQuery,
  type TaxiiRecord,
  timestampKey,
} from '../../protocols/taxii/index.ts';
import type { OpenExport } from './access.io.ts';
import { AT, ID_BYTES, idBytes, idText, microTimestamp, RECORD_BYTES } from './taxii-format.ts';

/** A page of a collection, and a way to get its objects. */
export interface ObjectPage {
  readonly page: TaxiiPage<TaxiiRecord>;
  objects(): Promise<readonly TaxiiObject[]>;
}

/** Since when the objects are there that all others refer to: before any entry can have been added. */
const CONTEXT_ADDED_MS = Date.UTC(2022, 9, 1);
/** Objects that are read and made together; others have a turn between. */
const OBJECTS_AT_ONCE = 64;
/** Records of one read while walking through the index. */
const WALK_RECORDS = 512;

interface IndexRecord {
  readonly dateUs: number;
  readonly modifiedMs: number;
  readonly id: string;
  readonly offset: number;
  readonly length: number;
}

type Placed = TaxiiRecord & { readonly made: StixObject | IndexRecord };

/** The page of an indexed export that a query asks for. Reads what is on the page, and a few records to find it. */
export async function exportPage(
  opened: OpenExport,
  query: TaxiiQuery,
  { producer, tlpMax }: { readonly producer: string; readonly tlpMax: Tlp },
): Promise<ObjectPage> {
  const { other } = opened.files;
  if (other === undefined) throw new TypeError('a collection is read with its index');
  const index = new TaxiiIndex(other, opened.artifact.index?.records ?? 0);
  const found: Placed[] = [];
  const wanted = query.limit + 1;
  for (const object of context(producer, tlpMax)) {
    if (found.length < wanted && isWanted(object, query)) found.push(object);
  }
  if (query.types?.has('indicator') !== false && query.specVersions?.has('2.1') !== false) {
    const records = query.ids === undefined ? index.from(query) : index.named(query.ids);
    for await (const record of records) {
      const placed = placedOf(record);
      if (isWanted(placed, query)) found.push(placed);
      if (found.length >= wanted) break;
    }
  }
  const shown = found.slice(0, query.limit);
  const more = found.length > query.limit;
  const [first, last] = [shown[0], shown.at(-1)];
  return {
    page: {
      records: shown,
      more,
      next: more && last !== undefined ? encodeCursor(cursorOf(last)) : undefined,
      headers:
        first === undefined || last === undefined
          ? {}
          : {
              'X-TAXII-Date-Added-First': cursorOf(first).dateAdded,
              'X-TAXII-Date-Added-Last': cursorOf(last).dateAdded,
            },
    },
    objects: async () => {
      const objects: TaxiiObject[] = [];
      for (let at = 0; at < shown.length; at += OBJECTS_AT_ONCE) {
        const batch = shown.slice(at, at + OBJECTS_AT_ONCE);
        objects.push(
          ...(await Promise.all(batch.map((each) => objectOf(each, opened.files.plain, producer)))),
        );
      }
      return objects;
    },
  };
}

function context(producer: string, tlpMax: Tlp): readonly Placed[] {
  const tlps = TLPS.slice(0, TLPS.indexOf(tlpMax) + 1).filter((tlp) => tlp !== 'red');
  return contextObjects(stixProducer(producer), tlps)
    .map((made) => ({
      id: made.id,
      type: made.type,
      version: String(made['modified'] ?? made['created']),
      specVersion: '2.1',
      made,
    }))
    .map((each, at) => ({ ...each, dateAdded: microTimestamp(CONTEXT_ADDED_MS * 1000 + at) }));
}

function placedOf(made: IndexRecord): Placed {
  return {
    id: made.id,
    type: 'indicator',
    version: new Date(made.modifiedMs).toISOString(),
    specVersion: '2.1',
    dateAdded: microTimestamp(made.dateUs),
    made,
  };
}

/** Collections of exports hold one version of every object, which is the first and the last. */
function isWanted(each: Placed, query: TaxiiQuery): boolean {
  const { addedAfter, next, ids, types, specVersions, versions } = query;
  if (ids?.has(each.id) === false || types?.has(each.type) === false) return false;
  if (specVersions?.has('2.1') === false) return false;
  const cursor = cursorOf(each);
  if (addedAfter !== undefined && cursor.dateAdded <= addedAfter) return false;
  if (next !== undefined && !isBehind(cursor, next)) return false;
  return versions.all || versions.first || versions.last || versions.exact.has(cursor.version);
}

function isBehind(cursor: TaxiiCursor, last: TaxiiCursor): boolean {
  if (cursor.dateAdded !== last.dateAdded) return cursor.dateAdded > last.dateAdded;
  return cursor.id !== last.id ? cursor.id > last.id : cursor.version > last.version;
}

function cursorOf({ dateAdded, id, version }: Placed): TaxiiCursor {
  return { dateAdded: timestampKey(dateAdded) ?? dateAdded, id, version: timestampKey(version) ?? version };
}

async function objectOf({ made }: Placed, lines: FileHandle, producer: string): Promise<TaxiiObject> {
  if (!isIndexRecord(made)) return made;
  const bytes = Buffer.alloc(made.length);
  await lines.read(bytes, 0, made.length, made.offset);
  // Our own renderer wrote the line.
  const entry = JSON.parse(bytes.toString('utf8')) as ExportEntry;
  const object = stixIndicator(entry, stixProducer(producer), made.modifiedMs);
  if (object === undefined) throw new TypeError('an entry without an object is in the index');
  return object;
}

function isIndexRecord(made: Placed['made']): made is IndexRecord {
  return 'dateUs' in made;
}

class TaxiiIndex {
  readonly #file: FileHandle;
  readonly #count: number;

  constructor(file: FileHandle, count: number) {
    this.#file = file;
    this.#count = count;
  }

  /** In the order of pages, from the first that a query can want. */
  async *from({ addedAfter, next }: TaxiiQuery): AsyncGenerator<IndexRecord> {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const [record] = await this.#read(middle, 1);
      const cursor = cursorOf(placedOf(record!));
      const isBefore =
        (addedAfter !== undefined && cursor.dateAdded <= addedAfter) ||
        (next !== undefined && !isBehind(cursor, next));
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    for (let at = low; at < this.#count; at += WALK_RECORDS) {
      yield* await this.#read(at, Math.min(WALK_RECORDS, this.#count - at));
    }
  }

  /** Those of these ids that are there, in the order of pages. */
  async *named(ids: ReadonlySet<string>): AsyncGenerator<IndexRecord> {
    const places: number[] = [];
    for (const id of ids) {
      const bytes = id.startsWith('indicator--') ? idBytes(id) : undefined;
      const place = bytes === undefined ? undefined : await this.#find(bytes);
      if (place !== undefined) places.push(place);
    }
    for (const place of places.toSorted((x, y) => x - y)) yield* await this.#read(place, 1);
  }

  async #find(id: Buffer): Promise<number | undefined> {
    const ordinal = Buffer.alloc(4);
    const found = Buffer.alloc(ID_BYTES);
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      await this.#file.read(ordinal, 0, 4, this.#count * RECORD_BYTES + middle * 4);
      const place = ordinal.readUInt32LE(0);
      await this.#file.read(found, 0, ID_BYTES, place * RECORD_BYTES + AT.id);
      const order = found.compare(id);
      if (order === 0) return place;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  async #read(first: number, count: number): Promise<readonly IndexRecord[]> {
    const bytes = Buffer.alloc(count * RECORD_BYTES);
    await this.#file.read(bytes, 0, bytes.length, first * RECORD_BYTES);
    return Array.from({ length: count }, (_, at) => {
      const start = at * RECORD_BYTES;
      return {
        dateUs: bytes.readDoubleLE(start + AT.date),
        modifiedMs: bytes.readDoubleLE(start + AT.modified),
        id: idText('indicator', bytes, start + AT.id),
        offset: bytes.readDoubleLE(start + AT.offset),
        length: bytes.readUInt32LE(start + AT.length),
      };
    });
  }
}
