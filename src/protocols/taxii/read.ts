import type {
  TaxiiApiRoot,
  TaxiiCollection,
  TaxiiDiscovery,
  TaxiiEnvelope,
  TaxiiErrorDocument,
  TaxiiManifest,
  TaxiiObject,
  TaxiiStatus,
} from './resources.ts';

/** What a peer sent, or why it is not the resource that it should be. Unknown properties are dropped. */
export type Reading<T> = { readonly value: T } | { readonly problem: string };

export function readDiscovery(json: unknown): Reading<TaxiiDiscovery> {
  const from = record(json);
  if (from === undefined || !isText(from['title']))
    return { problem: 'the discovery resource has no "title"' };
  const roots = from['api_roots'];
  if (roots !== undefined && !isTexts(roots)) return { problem: '"api_roots" is no list of addresses' };
  return {
    value: {
      title: from['title'],
      ...texts(from, ['description', 'contact', 'default']),
      ...(roots === undefined ? {} : { api_roots: roots }),
    },
  };
}

export function readApiRoot(json: unknown): Reading<TaxiiApiRoot> {
  const from = record(json);
  if (from === undefined || !isText(from['title']) || !isTexts(from['versions']))
    return { problem: 'the API root has no "title" or no "versions"' };
  const length = from['max_content_length'];
  return {
    value: {
      title: from['title'],
      ...texts(from, ['description']),
      versions: from['versions'],
      // Required, but a server for readers only may have forgotten it.
      max_content_length: isCount(length) ? length : 0,
    },
  };
}

export function readCollections(json: unknown): Reading<readonly TaxiiCollection[]> {
  const from = record(json);
  const list = from?.['collections'] ?? [];
  if (from === undefined || !Array.isArray(list)) return { problem: '"collections" is no list' };
  const collections: TaxiiCollection[] = [];
  for (const item of list) {
    const reading = readCollection(item);
    if ('problem' in reading) return reading;
    collections.push(reading.value);
  }
  return { value: collections };
}

export function readCollection(json: unknown): Reading<TaxiiCollection> {
  const from = record(json);
  if (from === undefined || !isText(from['id']) || !isText(from['title']))
    return { problem: 'a collection has no "id" or no "title"' };
  const types = from['media_types'];
  return {
    value: {
      id: from['id'],
      title: from['title'],
      ...texts(from, ['description', 'alias']),
      can_read: from['can_read'] === true,
      can_write: from['can_write'] === true,
      ...(isTexts(types) ? { media_types: types } : {}),
    },
  };
}

/** An envelope, from a server's page or a client's POST. Objects need `id` and `type`; the rest is theirs. */
export function readEnvelope(json: unknown): Reading<TaxiiEnvelope> {
  const from = record(json);
  if (from === undefined) return { problem: 'the envelope is no JSON object' };
  if (from['type'] === 'bundle')
    return { problem: 'a STIX bundle, not an envelope: TAXII 2.1 sends objects in an envelope' };
  const list = from['objects'] ?? [];
  if (!Array.isArray(list)) return { problem: '"objects" is no list' };
  const at = list.findIndex((item) => !isObject(item));
  if (at >= 0) return { problem: `object ${at + 1} has no "id" or no "type"` };
  return {
    value: {
      more: from['more'] === true,
      ...texts(from, ['next']),
      objects: list.filter(isObject),
    },
  };
}

export function readManifest(json: unknown): Reading<TaxiiManifest> {
  const from = record(json);
  const list = from?.['objects'] ?? [];
  if (from === undefined || !Array.isArray(list)) return { problem: '"objects" of the manifest is no list' };
  const objects = [];
  for (const item of list) {
    const { id, date_added, version, media_type } = record(item) ?? {};
    if (!isText(id) || !isText(date_added) || !isText(version))
      return { problem: 'a manifest record has no "id", "date_added" or "version"' };
    objects.push({ id, date_added, version, ...(isText(media_type) ? { media_type } : {}) });
  }
  return { value: { more: from['more'] === true, objects } };
}

export function readStatus(json: unknown): Reading<TaxiiStatus> {
  const from = record(json);
  const status = from?.['status'];
  if (from === undefined || !isText(from['id']) || (status !== 'complete' && status !== 'pending'))
    return { problem: 'the status resource has no "id" or no "status"' };
  const count = (name: string): number => (isCount(from[name]) ? from[name] : 0);
  return {
    value: {
      id: from['id'],
      status,
      ...texts(from, ['request_timestamp']),
      total_count: count('total_count'),
      success_count: count('success_count'),
      failure_count: count('failure_count'),
      pending_count: count('pending_count'),
    },
  };
}

/** The error message of a server, in a sentence; `undefined` when the body is none (§3.6.1 does not force one). */
export function readErrorDocument(json: unknown): TaxiiErrorDocument | undefined {
  const from = record(json);
  if (from === undefined || !isText(from['title'])) return undefined;
  return {
    title: from['title'],
    ...texts(from, ['description', 'error_id', 'error_code', 'http_status', 'external_details']),
  };
}

function texts<K extends string>(
  from: Readonly<Record<string, unknown>>,
  names: readonly K[],
): { readonly [name in K]?: string } {
  const found = names.flatMap((name) => (isText(from[name]) ? [[name, from[name]] as const] : []));
  // Every key is one of `names`, every value a text.
  return Object.fromEntries(found) as { readonly [name in K]?: string };
}

function isObject(item: unknown): item is TaxiiObject {
  const from = record(item);
  return from !== undefined && isText(from['id']) && isText(from['type']);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function record(json: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  // An object that is no array has texts as keys.
  return json as Readonly<Record<string, unknown>>;
}
