import type { Clock, Log, Metrics } from '../../kernel/index.ts';
import { GatewayError, isUuid, messageOf } from '../../kernel/index.ts';
import {
  isRefusal,
  type PlacedRecord,
  placeRecords,
  readTaxiiQuery,
  recordOf,
  TAXII_MATCHES,
  type TaxiiObject,
  type TaxiiPage,
  taxiiPage,
  type TaxiiRecord,
  type TaxiiRefusal,
  type TaxiiStatus,
  type TaxiiStatusDetails,
  taxiiTimestamp,
  timestampKey,
} from '../../protocols/taxii/index.ts';
import type { IndicatorAdmin } from '../indicators/index.ts';
import { microTimestamp } from './taxii-format.ts';
import type { CollectionDefinition } from './document.ts';
import { withBundle } from './spool.io.ts';
import type { WrittenStore } from './written-store.io.ts';

/** What an edge asks of a collection that clients write to. */
export type WrittenCall = { readonly collection: string; readonly by: string } & (
  | {
      readonly op: 'page';
      readonly endpoint: keyof typeof TAXII_MATCHES;
      readonly objectId?: string;
      readonly search: string;
      readonly withObjects: boolean;
    }
  | { readonly op: 'add'; readonly objects: readonly unknown[] }
  | { readonly op: 'delete'; readonly objectId: string; readonly search: string }
  | { readonly op: 'status'; readonly id: string }
);

export type WrittenAnswer =
  | { readonly refusal: TaxiiRefusal }
  | { readonly page: TaxiiPage<TaxiiRecord>; readonly objects: readonly TaxiiObject[] }
  | { readonly status: TaxiiStatus }
  | { readonly deleted: number };

export interface WrittenOptions {
  readonly store: WrittenStore;
  readonly spoolDir: string;
  readonly indicators: Pick<IndicatorAdmin, 'importFile' | 'remove' | 'feeds'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly newId: () => string;
  readonly limits: () => {
    readonly pageObjectsMax: number;
    readonly matchValuesMax: number;
    readonly collectionObjectsMax: number;
    readonly envelopeObjectsMax: number;
    readonly statusesMax: number;
  };
  audit(action: string, details: Readonly<Record<string, string | number>>, actor: string): void;
}

interface Loaded {
  records: TaxiiRecord[];
  placed: readonly PlacedRecord<TaxiiRecord>[] | undefined;
  lastAddedUs: number;
}

/**
 * Collections that clients write to, in control. Objects are kept as they came, version by version; the newest
 * versions of a collection together are a feed of its name, so that look-ups know what was written.
 */
export class WrittenCollections {
  readonly #options: WrittenOptions;
  readonly #loaded = new Map<string, Promise<Loaded>>();
  readonly #feeding = new Map<string, { again: boolean; done: Promise<void> }>();
  #names: () => Promise<readonly CollectionDefinition[]> = () => Promise.resolve([]);
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: WrittenOptions) {
    this.#options = options;
  }

  onNames(names: () => Promise<readonly CollectionDefinition[]>): void {
    this.#names = names;
  }

  /** Finishes what an earlier control has stored and not told the indicators. */
  async recover(): Promise<void> {
    try {
      const names = new Set((await this.#names()).map(({ name }) => name));
      if (names.size === 0) return;
      for (const { collection, status } of await this.#options.store.pending()) {
        if (names.has(collection)) await this.#complete(collection, status, 'control');
      }
    } catch (error) {
      this.#options.log.error('taxii.not-recovered', { reason: messageOf(error) });
    }
  }

  async call(params: unknown): Promise<WrittenAnswer> {
    // Only our own edges can call, and they send a `WrittenCall`.
    const call = params as WrittenCall;
    const { store } = this.#options;
    if (call.op === 'status') {
      const status = await store.status(call.id);
      return status === undefined ? notFound('There is no such status') : { status };
    }
    if (!(await this.#names()).some(({ name }) => name === call.collection))
      return notFound('There is no such collection');
    if (call.op === 'page') return this.#page(call);
    // Writes of all collections one after the other: dates of additions only go up.
    const work = this.#turn.then(() => (call.op === 'add' ? this.#add(call) : this.#delete(call)));
    this.#turn = work.catch(() => undefined);
    return work;
  }

  async drop(name: string, by: string): Promise<void> {
    await this.#feeding.get(name)?.done;
    this.#loaded.delete(name);
    await this.#options.store.drop(name);
    await this.#removeFeed(name, by);
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#feeding.values()].map(({ done }) => done));
    await this.#options.store.close();
  }

  async #page(call: Extract<WrittenCall, { op: 'page' }>): Promise<WrittenAnswer> {
    const { endpoint, objectId, search, collection, withObjects } = call;
    const { limits, store } = this.#options;
    const asked = readTaxiiQuery(new URLSearchParams(search), TAXII_MATCHES[endpoint], limits());
    if (isRefusal(asked)) return { refusal: asked };
    const query = {
      ...asked,
      ...(objectId === undefined ? {} : { ids: new Set([objectId]) }),
      ...(endpoint === 'versions' ? { versions: ALL_VERSIONS } : {}),
    };
    const loaded = await this.#load(collection);
    if (objectId !== undefined && !loaded.records.some(({ id }) => id === objectId))
      return notFound('There is no such object in the collection');
    loaded.placed ??= placeRecords(loaded.records);
    const page = taxiiPage(loaded.placed, query);
    if (!withObjects) return { page, objects: [] };
    const objects = await store.bodies(collection, page.records, PAGE_CHARS);
    if (objects.length === page.records.length) return { page, objects };
    return { page: taxiiPage(loaded.placed, { ...query, limit: objects.length }), objects };
  }

  async #add(call: Extract<WrittenCall, { op: 'add' }>): Promise<WrittenAnswer> {
    const { collection, objects, by } = call;
    const { limits, store, clock, newId, metrics, audit } = this.#options;
    const { envelopeObjectsMax, collectionObjectsMax, statusesMax } = limits();
    if (objects.length > envelopeObjectsMax)
      return tooLarge(`An envelope has at most ${envelopeObjectsMax} objects`);
    const loaded = await this.#load(collection);
    const nowMs = Math.floor(clock.now());
    let addedUs = Math.max(nowMs * 1000, loaded.lastAddedUs + 1);
    const known = new Set(loaded.records.map(keyOf));
    const fresh: { record: TaxiiRecord; object: TaxiiObject }[] = [];
    const successes: TaxiiStatusDetails[] = [];
    const failures: TaxiiStatusDetails[] = [];
    for (const each of objects) {
      const problem = problemOf(each);
      if (problem !== undefined) {
        failures.push({ id: idOf(each), version: taxiiTimestamp(nowMs), message: problem });
        continue;
      }
      // `problemOf` has looked at id, type and versions.
      const object = each as TaxiiObject;
      const record = recordOf(object, microTimestamp(addedUs));
      const { id, version } = record;
      if (!known.has(keyOf(record))) {
        if (loaded.records.length + fresh.length >= collectionObjectsMax) {
          failures.push({
            id,
            version,
            message: `The collection holds ${collectionObjectsMax} objects, the most it may`,
          });
          continue;
        }
        known.add(keyOf(record));
        fresh.push({ record, object });
        addedUs++;
      }
      successes.push({ id, version });
    }
    await store.add(collection, fresh);
    loaded.records.push(...fresh.map(({ record }) => record));
    loaded.placed = undefined;
    loaded.lastAddedUs = addedUs - 1;
    metrics?.counter('taxii_objects_written_total', 'stored').add(successes.length);
    metrics?.counter('taxii_objects_written_total', 'refused').add(failures.length);
    audit('taxii.write', { collection, stored: fresh.length, refused: failures.length }, by);
    const status: TaxiiStatus = {
      id: newId(),
      status: 'pending',
      request_timestamp: taxiiTimestamp(nowMs),
      total_count: objects.length,
      success_count: 0,
      failure_count: failures.length,
      ...(failures.length === 0 ? {} : { failures }),
      pending_count: successes.length,
      ...(successes.length === 0 ? {} : { pendings: successes }),
    };
    if (fresh.length === 0) {
      const complete = completed(status);
      await store.putStatus(collection, complete, nowMs, statusesMax);
      return { status: complete };
    }
    await store.putStatus(collection, status, nowMs, statusesMax);
    this.#complete(collection, status, by).catch((error: unknown) =>
      this.#options.log.error('taxii.not-completed', { collection, reason: messageOf(error) }),
    );
    return { status };
  }

  async #delete(call: Extract<WrittenCall, { op: 'delete' }>): Promise<WrittenAnswer> {
    const { collection, objectId, search, by } = call;
    const { limits, store, audit } = this.#options;
    const query = readTaxiiQuery(new URLSearchParams(search), TAXII_MATCHES.object, limits());
    if (isRefusal(query)) return { refusal: query };
    const loaded = await this.#load(collection);
    loaded.placed ??= placeRecords(loaded.records);
    // §5.7: without match[version] all versions go.
    const versions = /(?:^|&)match(?:\[|%5B)version/i.test(search) ? query.versions : ALL_VERSIONS;
    const whole = { ...query, versions, ids: new Set([objectId]), limit: Infinity };
    const { records } = taxiiPage(loaded.placed, whole);
    if (records.length === 0) return notFound('There is no such object in the collection');
    await store.remove(collection, records);
    const gone = new Set(records.map(keyOf));
    loaded.records = loaded.records.filter((record) => !gone.has(keyOf(record)));
    loaded.placed = undefined;
    audit('taxii.delete', { collection, object: objectId, versions: records.length }, by);
    await this.#feed(collection, by);
    return { deleted: records.length };
  }

  async #complete(collection: string, status: TaxiiStatus, by: string): Promise<void> {
    const { store, clock, limits } = this.#options;
    await this.#feed(collection, by);
    await store.putStatus(collection, completed(status), clock.now(), limits().statusesMax);
  }

  /** Makes the feed what the collection is. Calls during an import share the one that follows it. */
  #feed(collection: string, by: string): Promise<void> {
    const running = this.#feeding.get(collection);
    if (running !== undefined) {
      running.again = true;
      return running.done;
    }
    const state = { again: true, done: Promise.resolve() };
    state.done = (async () => {
      while (state.again) {
        state.again = false;
        await this.#feedOnce(collection, by);
      }
    })().finally(() => this.#feeding.delete(collection));
    this.#feeding.set(collection, state);
    return state.done;
  }

  async #feedOnce(collection: string, by: string): Promise<void> {
    const { indicators, spoolDir, log, store } = this.#options;
    const loaded = await this.#load(collection);
    loaded.placed ??= placeRecords(loaded.records);
    const newest = loaded.placed.filter(({ isLast, isNewestSpec }) => isLast && isNewestSpec);
    const records = newest.map(({ record }) => record);
    if (!records.some(({ type }) => type === 'indicator')) return this.#removeFeed(collection, by);
    const objects = live(store, collection, records);
    try {
      await withBundle(spoolDir, collection, objects, (file) =>
        indicators.importFile(
          {
            file,
            feed: collection,
            format: 'stix',
            mode: 'replace',
            force: true,
            source: `taxii ${collection}`,
          },
          by,
        ),
      );
    } catch (error) {
      const isEmpty = error instanceof GatewayError && error.code === 'INDICATORS_NOTHING_IMPORTED';
      if (!isEmpty) throw error;
      // Everything is revoked, or nothing that is written can be looked up.
      log.info('taxii.nothing-to-look-up', { collection });
      await this.#removeFeed(collection, by);
    }
  }

  async #removeFeed(name: string, by: string): Promise<void> {
    const { indicators } = this.#options;
    if (indicators.feeds().some((feed) => feed.name === name)) await indicators.remove(name, by);
  }

  #load(collection: string): Promise<Loaded> {
    const known = this.#loaded.get(collection);
    if (known !== undefined) return known;
    const loading = this.#options.store.records(collection).then((records): Loaded => {
      const lastAdded = records.reduce((last, each) => (each.dateAdded > last ? each.dateAdded : last), '');
      const lastAddedUs = lastAdded === '' ? 0 : Date.parse(lastAdded) * 1000 + 999;
      return { records: [...records], placed: undefined, lastAddedUs };
    });
    this.#loaded.set(collection, loading);
    loading.catch(() => this.#loaded.delete(collection));
    return loading;
  }
}

const ALL_VERSIONS = { first: false, last: false, all: true, exact: new Set<string>() };
/** Of a page: it crosses the bus in one frame. */
const PAGE_CHARS = 4 * 1024 * 1024;
/** Bodies that are read at a time for the feed. */
const FEED_BATCH = 200;

async function* live(
  store: WrittenStore,
  collection: string,
  records: readonly TaxiiRecord[],
): AsyncGenerator<TaxiiObject> {
  for (let at = 0; at < records.length; at += FEED_BATCH) {
    for (const object of await store.bodies(collection, records.slice(at, at + FEED_BATCH), Infinity)) {
      if (object['revoked'] !== true) yield object;
    }
  }
}

function keyOf({ id, version, specVersion }: TaxiiRecord): string {
  return `${id} ${timestampKey(version) ?? version} ${specVersion}`;
}

function completed(status: TaxiiStatus): TaxiiStatus {
  const { pendings, pending_count, ...rest } = status;
  return {
    ...rest,
    status: 'complete',
    success_count: pending_count,
    ...(pendings === undefined ? {} : { successes: pendings }),
    pending_count: 0,
  };
}

/** What TAXII itself needs of an object; STIX may ask for more, and whoever reads it decides about that. */
function problemOf(object: unknown): string | undefined {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return 'It is no JSON object';
  const { id, type, created, modified, spec_version } = object as Readonly<Record<string, unknown>>;
  if (typeof type !== 'string' || !/^[a-z0-9][a-z0-9-]{2,249}$/.test(type)) return 'It has no type';
  if (typeof id !== 'string' || !id.startsWith(`${type}--`) || !isUuid(id.slice(type.length + 2)))
    return 'Its id is not its type, two hyphens and a UUID';
  if (spec_version !== undefined && spec_version !== '2.0' && spec_version !== '2.1')
    return 'Its spec_version is neither 2.0 nor 2.1';
  for (const time of [created, modified]) {
    if (time !== undefined && (typeof time !== 'string' || timestampKey(time) === undefined))
      return 'created or modified is no timestamp like 2016-02-01T00:00:01.000Z';
  }
  return undefined;
}

function idOf(object: unknown): string {
  const id = typeof object === 'object' && object !== null && 'id' in object ? object.id : undefined;
  return typeof id === 'string' ? id.slice(0, 300) : '';
}

function notFound(description: string): WrittenAnswer {
  return { refusal: { status: 404, code: 'TAXII_NOT_FOUND', title: 'Not found', description } };
}

function tooLarge(description: string): WrittenAnswer {
  return { refusal: { status: 413, code: 'TAXII_TOO_LARGE', title: 'Too large', description } };
}
