import {
  readCollections,
  readEnvelope,
  TAXII_MEDIA_TYPE,
  type TaxiiCollection,
  type TaxiiObject,
  timestampKey,
} from '../../../protocols/taxii/index.ts';
import { feedErrors } from '../errors.ts';
import { entriesIn } from './entries.ts';
import { getJson } from './list.io.ts';
import { ObjectChanges } from './objects.io.ts';
import type { FetchContext, Fetched } from './source.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * A collection of a TAXII 2.1 server. The first fetch takes all of it, later ones what was added since
 * (`added_after` with the server's own `X-TAXII-Date-Added-Last`): its clock, not ours.
 */
export async function fetchTaxii(context: FetchContext): Promise<Fetched> {
  const { cacheDir, workDir } = context;
  const cursor = ObjectChanges.isThere(cacheDir) ? context.cursor : undefined;
  const root = await apiRootOf(context);
  const collection = await collectionOf(context, root);
  const since = cursor?.['collection'] === collection.id ? cursor['addedAfter'] : undefined;
  const changes = new ObjectChanges(cacheDir, workDir, { fresh: since === undefined, newestWins: true });
  const walk = new Walk(context, `${root}collections/${encodeURIComponent(collection.id)}/objects/`, changes);
  try {
    await walk.run(since);
  } catch (error) {
    changes.abandon();
    throw error;
  }
  const delta = await changes.finish(cacheDir);
  const addedAfter = walk.lastAdded ?? since;
  const next = { collection: collection.id, ...(addedAfter === undefined ? {} : { addedAfter }) };
  const { wireBytes } = walk;
  if (delta.mode === 'replace' && delta.lines === 0) throw feedErrors.FEEDS_EMPTY({ url: walk.shown });
  if (delta.lines === 0) {
    delta.commit();
    return { kind: 'unchanged', cursor: next, wireBytes };
  }
  return {
    kind: 'changed',
    file: delta.file,
    format: 'sallyport',
    mode: delta.mode,
    cursor: next,
    wireBytes,
    upstreamAtMs: addedAfter === undefined ? undefined : Date.parse(addedAfter),
    notes: [
      `${delta.changed} objects of "${collection.title}" are new or changed, ${delta.gone} are revoked or say nothing.`,
      ...walk.notes(),
    ],
    commit: () => delta.commit(),
  };
}

/** The URL is that of a discovery, an API root, or its collections. */
async function apiRootOf(context: FetchContext): Promise<string> {
  const start = slashed(context.url);
  const { answer, json } = await getJson(context, { url: start, accept: TAXII_MEDIA_TYPE });
  const document = members(json);
  if (Array.isArray(document['collections'])) return start.replace(/collections\/$/, '');
  if (Array.isArray(document['versions'])) return slashed(answer.url);
  const roots: readonly unknown[] = Array.isArray(document['api_roots']) ? document['api_roots'] : [];
  const root = [document['default'], ...roots].find((each) => typeof each === 'string');
  const url = typeof root === 'string' ? URL.parse(root, answer.url) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw feedErrors.FEEDS_TAXII({
      url: answer.shown,
      reason: 'it is no discovery, API root or list of collections',
    });
  }
  return slashed(url.href);
}

async function collectionOf(context: FetchContext, root: string): Promise<TaxiiCollection> {
  const { answer, json } = await getJson(context, { url: `${root}collections/`, accept: TAXII_MEDIA_TYPE });
  const reading = readCollections(json);
  if ('problem' in reading) throw feedErrors.FEEDS_TAXII({ url: answer.shown, reason: reading.problem });
  const all = reading.value;
  const wanted = context.feed.collection;
  const readable = all.filter((each) => each.can_read);
  const fitting =
    wanted === undefined
      ? readable
      : readable.filter(({ id, title, alias }) => id === wanted || title === wanted || alias === wanted);
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  const names = readable.map(({ title }) => `"${title}"`).join(', ') || 'none';
  const reason =
    wanted === undefined
      ? `which of its collections is meant? It has ${names}`
      : `${fitting.length === 0 ? 'no' : 'more than one'} readable collection is called "${wanted}"; it has ${names}`;
  throw feedErrors.FEEDS_TAXII({ url: answer.shown, reason });
}

/** All pages of a collection, from the first to the last. */
class Walk {
  /** The newest `X-TAXII-Date-Added-Last`: where the next fetch goes on. */
  lastAdded: string | undefined;
  wireBytes = 0;
  readonly #context: FetchContext;
  readonly #url: string;
  readonly #changes: ObjectChanges;
  #problems = 0;
  #reason: string | undefined;
  #undated = false;

  constructor(context: FetchContext, url: string, changes: ObjectChanges) {
    this.#context = context;
    this.#url = url;
    this.#changes = changes;
  }

  get shown(): string {
    return this.#context.client.shown(this.#url);
  }

  notes(): readonly string[] {
    const first = this.#reason === undefined ? '' : `, the first: ${this.#reason}`;
    return this.#problems === 0 ? [] : [`${this.#problems} patterns could not be used${first}.`];
  }

  async run(since: string | undefined): Promise<void> {
    const { limits } = this.#context;
    let addedAfter = since;
    let next: string | undefined;
    for (let page = 0; page < limits.pagesMax; page++) {
      const { envelope, last, shown } = await this.#page(addedAfter, next);
      for (const object of envelope.objects ?? []) await this.#take(object);
      if ((envelope.objects ?? []).length > 0 && last === undefined) this.#undated = true;
      if (last !== undefined && isLater(last, this.lastAdded)) this.lastAdded = last;
      if (envelope.more !== true) {
        // Without the server's time the next fetch takes everything: nothing is missed.
        if (this.#undated) this.lastAdded = undefined;
        return;
      }
      if (envelope.next !== undefined) {
        if (envelope.next === next) throw this.#stuck(shown, 'it says `next` again and again');
        next = envelope.next;
      } else {
        // TAXII 2.1 §3.4: without `next`, the last date is where the rest begins.
        if (last === undefined || !isLater(last, addedAfter)) {
          throw this.#stuck(shown, 'it says `more`, and neither `next` nor a later X-TAXII-Date-Added-Last');
        }
        addedAfter = last;
        next = undefined;
      }
    }
    throw this.#stuck(this.shown, `more than ${limits.pagesMax} pages (feeds.pagesMax)`);
  }

  async #page(addedAfter: string | undefined, next: string | undefined) {
    const { limits, progress } = this.#context;
    const url = new URL(this.#url);
    url.searchParams.set('match[type]', 'indicator');
    url.searchParams.set('limit', String(limits.pageObjects));
    if (addedAfter !== undefined) url.searchParams.set('added_after', addedAfter);
    if (next !== undefined) url.searchParams.set('next', next);
    const { answer, json, bytes } = await getJson(this.#context, { url: url.href, accept: TAXII_MEDIA_TYPE });
    this.wireBytes += bytes;
    const reading = readEnvelope(json);
    if ('problem' in reading) throw this.#stuck(answer.shown, reading.problem);
    const last = answer.response.headers['x-taxii-date-added-last'];
    progress('fetching objects', this.#changes.count, undefined);
    return {
      envelope: reading.value,
      last: typeof last === 'string' ? last : undefined,
      shown: answer.shown,
    };
  }

  async #take(object: TaxiiObject): Promise<void> {
    const { feed, limits } = this.#context;
    const { id, type, modified } = members(object);
    // Servers may ignore `match`.
    if (typeof id !== 'string' || type !== 'indicator') return;
    if (feed.labels.length > 0 && !hasLabel(object, feed.labels)) return;
    if (this.#changes.count >= limits.objectsMax) {
      throw feedErrors.FEEDS_TOO_LARGE({
        url: this.shown,
        setting: 'feeds.objectsMax',
        max: limits.objectsMax,
      });
    }
    const version = (typeof modified === 'string' ? timestampKey(modified) : undefined) ?? '';
    if (members(object)['revoked'] === true) {
      this.#changes.add(id, version, undefined);
      return;
    }
    const bundle = { type: 'bundle', id: `bundle--${id.slice(id.indexOf('--') + 2)}`, objects: [object] };
    const { entries, problems, reason } = await entriesIn('stix', bundle, limits.documentBytesMax);
    this.#problems += problems;
    this.#reason ??= reason;
    this.#changes.add(id, version, entries);
  }

  #stuck(url: string, reason: string): Error {
    return feedErrors.FEEDS_TAXII({ url, reason });
  }
}

/** Servers write fractions of different lengths; what is no time is never later. */
function isLater(text: string, than: string | undefined): boolean {
  const key = timestampKey(text);
  return key !== undefined && (than === undefined || key > (timestampKey(than) ?? ''));
}

function hasLabel(object: TaxiiObject, wanted: readonly string[]): boolean {
  const { labels, indicator_types: types } = object as Members;
  return [labels, types].some(
    (list) => Array.isArray(list) && list.some((each) => wanted.includes(String(each))),
  );
}

function members(json: unknown): Members {
  // What is no object has no members.
  return typeof json === 'object' && json !== null ? (json as Members) : {};
}

function slashed(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
