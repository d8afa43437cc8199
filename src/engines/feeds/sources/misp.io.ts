import { feedErrors } from '../errors.ts';
import { entriesIn } from './entries.ts';
import { getJson } from './list.io.ts';
import { ObjectChanges } from './objects.io.ts';
import type { FetchContext, Fetched } from './source.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * A MISP feed: `manifest.json` names the events with their times, each event is a file `UUID.json`. Only events
 * that are new or have another time are fetched; those that the manifest no longer names are taken out.
 */
export async function fetchMisp(context: FetchContext): Promise<Fetched> {
  const { cacheDir, workDir, limits, client } = context;
  const cursor = ObjectChanges.isThere(cacheDir) ? context.cursor : undefined;
  const base = context.url.replace(/(?:manifest\.json)?$/, '').replace(/\/?$/, '/');
  const { answer, json, bytes } = await getJson(context, {
    url: `${base}manifest.json`,
    etag: cursor?.['etag'],
    lastModified: cursor?.['lastModified'],
  });
  if (answer.status === 304) return { kind: 'unchanged', cursor: cursor ?? {}, wireBytes: 0 };
  const events = manifestOf(json, answer.shown, limits.objectsMax);
  const known = cursor === undefined ? new Map<string, string>() : await ObjectChanges.known(cacheDir);
  const changed = [...events].filter(([uuid, time]) => known.get(uuid) !== time).map(([uuid]) => uuid);
  const changes = new ObjectChanges(cacheDir, workDir, { fresh: cursor === undefined, newestWins: false });
  const counts = { done: 0, bytes, problems: 0, reason: undefined as string | undefined };

  const fetchEvents = async (): Promise<void> => {
    for (let uuid = changed.pop(); uuid !== undefined; uuid = changed.pop()) {
      const event = await getJson(context, { url: `${base}${uuid}.json` });
      const document = context.feed.allAttributes ? allMarked(event.json) : event.json;
      const { entries, problems, reason } = await entriesIn('misp-event', document, limits.documentBytesMax);
      counts.bytes += event.bytes;
      counts.problems += problems;
      counts.reason ??= reason;
      // An event without a usable attribute stays known, so that it is not fetched again.
      changes.add(uuid, events.get(uuid) ?? '', entries);
      context.progress('fetching events', ++counts.done, counts.done + changed.length);
    }
  };

  try {
    await Promise.all(Array.from({ length: limits.eventFetchesMax }, fetchEvents));
    for (const uuid of known.keys()) if (!events.has(uuid)) changes.add(uuid, '', undefined);
  } catch (error) {
    // The other fetches see an empty queue.
    changed.length = 0;
    changes.abandon();
    throw error;
  }
  const delta = await changes.finish(cacheDir);
  const { etag, 'last-modified': lastModified } = answer.response.headers;
  const next = {
    events: String(events.size),
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  };
  if (delta.mode === 'replace' && delta.lines === 0)
    throw feedErrors.FEEDS_EMPTY({ url: client.shown(base) });
  if (delta.lines === 0) {
    delta.commit();
    return { kind: 'unchanged', cursor: next, wireBytes: counts.bytes };
  }
  const first = counts.reason === undefined ? '' : `, the first: ${counts.reason}`;
  const newest = Math.max(0, ...[...events.values()].map(Number).filter(Number.isFinite));
  return {
    kind: 'changed',
    file: delta.file,
    format: 'sallyport',
    mode: delta.mode,
    cursor: next,
    wireBytes: counts.bytes,
    upstreamAtMs: newest === 0 ? undefined : newest * 1000,
    notes: [
      `${counts.done} of ${events.size} events were fetched from ${client.shown(base)}, ${delta.gone} say nothing or are gone.`,
      ...(counts.problems === 0 ? [] : [`${counts.problems} attributes could not be used${first}.`]),
    ],
    commit: () => delta.commit(),
  };
}

/** UUID → time of the last change, as text. */
function manifestOf(json: unknown, url: string, eventsMax: number): ReadonlyMap<string, string> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw feedErrors.FEEDS_MISP({ url, reason: 'the manifest is no object' });
  }
  const events = new Map<string, string>();
  for (const [uuid, about] of Object.entries(json)) {
    // The name becomes part of a URL.
    if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid)) {
      throw feedErrors.FEEDS_MISP({ url, reason: `"${uuid.slice(0, 40)}" in the manifest is no UUID` });
    }
    // Attributes of an object of JSON, whatever they are.
    const time = typeof about === 'object' && about !== null ? (about as Members)['timestamp'] : undefined;
    events.set(uuid, typeof time === 'string' || typeof time === 'number' ? String(time) : '');
  }
  if (events.size === 0) throw feedErrors.FEEDS_MISP({ url, reason: 'the manifest names no event' });
  if (events.size > eventsMax) {
    throw feedErrors.FEEDS_TOO_LARGE({ url, max: eventsMax, setting: 'feeds.objectsMax' });
  }
  return events;
}

/** Every attribute as if it were marked for detection. */
function allMarked(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(allMarked);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [key, key === 'to_ids' ? true : allMarked(value)]),
  );
}
