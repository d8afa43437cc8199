import {
  batchGetHashListsResponse,
  COMPRESSION_TYPE,
  type Decoded,
  decodeMessage,
  type Draft,
  encodeMessage,
  fetchThreatListUpdatesRequest,
  fetchThreatListUpdatesResponse,
  findFullHashesRequest,
  findFullHashesResponse,
  type FullHashAnswer,
  jsonOfMessage,
  messageOfJson,
  type MessageType,
  searchHashesResponse,
  THREAT_ENTRY_TYPE,
  type ClientList,
} from '../../../protocols/safe-browsing/index.ts';
import type { Subscription } from '../subscription.ts';
import { categoryOf, listNames, v4List } from './lists.ts';

/** What a server is asked: GET, or POST of a message. */
export interface ApiRequest {
  readonly url: string;
  readonly accept: string;
  readonly body?: { readonly type: string; readonly bytes: Uint8Array };
}

/** Whom and how: from the subscription. `url` has the secret in it, where auth is `url`. */
export interface ApiPlace extends Pick<Subscription, 'api' | 'encoding' | 'only'> {
  readonly url: string;
}

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

export type V4Response = Decoded<typeof fetchThreatListUpdatesResponse>;
export type V5Response = Decoded<typeof batchGetHashListsResponse>;

const CLIENT = { clientId: 'sallyport', clientVersion: '1' };
const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

/** Asks for what has changed since `tokens`, by the name of the list. */
export function updateRequest(
  place: ApiPlace,
  lists: readonly Pick<NamedToken, 'name' | 'token'>[],
): ApiRequest {
  if (place.api === 'v5') {
    const query = [
      ...lists.map(({ name }) => ['names', name] as const),
      ...lists.flatMap(({ token }) =>
        token.length === 0 ? [] : [['version', Buffer.from(token).toString('base64')] as const],
      ),
    ];
    return get(place, '/v5/hashLists:batchGet', query);
  }
  const listUpdateRequests = lists.flatMap(({ name, token }) => {
    const list = v4List(name);
    if (list === undefined) return [];
    const { threatType, platformType, threatEntryType } = list;
    const constraints = { supportedCompressions: [COMPRESSION_TYPE.RAW, COMPRESSION_TYPE.RICE] };
    return [{ threatType, platformType, threatEntryType, state: token, constraints }];
  });
  return post(place, '/v4/threatListUpdates:fetch', fetchThreatListUpdatesRequest, {
    client: CLIENT,
    listUpdateRequests,
  });
}

export type NamedToken = ClientList & { readonly name: string };

export function readV4Update(place: ApiPlace, body: Buffer, itemsMax: number): Read<V4Response> {
  return readMessage(place, fetchThreatListUpdatesResponse, body, itemsMax);
}

export function readV5Update(place: ApiPlace, body: Buffer, itemsMax: number): Read<V5Response> {
  return readMessage(place, batchGetHashListsResponse, body, itemsMax);
}

/** Asks for the full hashes behind prefixes (hexadecimal); `states` are those of the lists, for version 4. */
export function searchRequest(
  place: ApiPlace,
  prefixes: readonly string[],
  states: readonly Uint8Array[],
): ApiRequest {
  if (place.api === 'v5') {
    const query = prefixes.map(
      (prefix) => ['hashPrefixes', Buffer.from(prefix, 'hex').toString('base64')] as const,
    );
    return get(place, '/v5/hashes:search', query);
  }
  const lists = listNames(place).flatMap((name) => v4List(name) ?? []);
  return post(place, '/v4/fullHashes:find', findFullHashesRequest, {
    client: CLIENT,
    clientStates: states,
    threatInfo: {
      threatTypes: [...new Set(lists.map(({ threatType }) => threatType))],
      platformTypes: [...new Set(lists.map(({ platformType }) => platformType))],
      threatEntryTypes: [THREAT_ENTRY_TYPE.URL],
      threatEntries: prefixes.map((prefix) => ({ hash: Buffer.from(prefix, 'hex') })),
    },
  });
}

export interface SearchAnswer {
  /** One for each prefix that was asked for. */
  readonly answers: readonly FullHashAnswer[];
  /** How long the server wants no such question. */
  readonly waitMs: number;
}

/** Elements of an answer: a prefix has a handful of full hashes, each on a few lists. */
const SEARCH_ITEMS_MAX = 10_000;
/** No answer is kept for longer, whatever the server says. */
const CACHE_MS_MAX = 24 * 3_600_000;
/** Attributes of version 5: an experiment, and what is a threat only inside a frame, which nobody can see from here. */
const NOT_FOR_US = new Set([1, 2]);

export function readSearch(place: ApiPlace, body: Buffer, prefixes: readonly string[]): Read<SearchAnswer> {
  if (place.api === 'v5') {
    const read = readMessage(place, searchHashesResponse, body, SEARCH_ITEMS_MAX);
    if (!read.ok) return read;
    const forMs = cached(read.value.cacheDuration);
    const found = read.value.fullHashes.flatMap(({ fullHash, fullHashDetails }) =>
      fullHashDetails
        .filter(({ attributes }) => !attributes.some((each) => NOT_FOR_US.has(each)))
        .map(({ threatType }) => ({ fullHash, threatType, forMs })),
    );
    return { ok: true, value: { answers: byPrefix(prefixes, found, forMs), waitMs: 0 } };
  }
  const read = readMessage(place, findFullHashesResponse, body, SEARCH_ITEMS_MAX);
  if (!read.ok) return read;
  const { matches, negativeCacheDuration, minimumWaitDuration } = read.value;
  const found = matches.map(({ threat, threatType, cacheDuration }) => ({
    fullHash: threat?.hash ?? NO_BYTES,
    threatType,
    forMs: cached(cacheDuration),
  }));
  const answers = byPrefix(prefixes, found, cached(negativeCacheDuration));
  return { ok: true, value: { answers, waitMs: cached(minimumWaitDuration) } };
}

const NO_BYTES = new Uint8Array(0);
const HASH_BYTES = 32;

interface FoundHash {
  readonly fullHash: Uint8Array;
  readonly threatType: number;
  readonly forMs: number;
}

/** What was found, by the prefix that it answers; threats of other kinds and hashes that nobody asked for are left out. */
function byPrefix(
  prefixes: readonly string[],
  found: readonly FoundHash[],
  othersForMs: number,
): readonly FullHashAnswer[] {
  const threats = found.flatMap(({ fullHash, threatType, forMs }) => {
    const category = categoryOf(threatType);
    if (category === undefined || fullHash.length !== HASH_BYTES) return [];
    return [{ hash: Buffer.from(fullHash).toString('hex'), category, forMs }];
  });
  return prefixes.map((prefix) => ({
    prefix,
    found: threats.filter(({ hash }) => hash.startsWith(prefix)),
    othersForMs,
  }));
}

function cached(ms: number | undefined): number {
  return Math.min(Math.max(0, ms ?? 0), CACHE_MS_MAX);
}

function get(place: ApiPlace, path: string, query: readonly (readonly [string, string])[]): ApiRequest {
  return { url: placeOf(place, path, query), accept: acceptOf(place) };
}

function post<T>(place: ApiPlace, path: string, type: MessageType<T>, message: Draft<T>): ApiRequest {
  const isProto = place.encoding === 'proto';
  const bytes = isProto
    ? encodeMessage(type, message)
    : Buffer.from(JSON.stringify(jsonOfMessage(type, message)));
  return {
    url: placeOf(place, path, []),
    accept: acceptOf(place),
    body: { type: isProto ? PROTOBUF : JSON_TYPE, bytes },
  };
}

function acceptOf({ encoding }: ApiPlace): string {
  return encoding === 'proto' ? PROTOBUF : JSON_TYPE;
}

/** The query of the subscription stays: it may hold the key. The version of the API may stand in the URL already. */
function placeOf(place: ApiPlace, path: string, query: readonly (readonly [string, string])[]): string {
  const url = new URL(place.url);
  url.pathname = `${url.pathname.replace(/\/(?:v[45]\/?)?$/, '')}${path}`;
  for (const [name, value] of query) url.searchParams.append(name, value);
  url.searchParams.append('alt', place.encoding);
  return url.href;
}

function readMessage<T>(place: ApiPlace, type: MessageType<T>, body: Buffer, itemsMax: number): Read<T> {
  if (place.encoding === 'proto') return decodeMessage(type, body, { itemsMax });
  let document: unknown;
  try {
    document = JSON.parse(body.toString('utf8'));
  } catch {
    // SyntaxError is the only thing that JSON.parse throws.
    return { ok: false, reason: 'it is not JSON' };
  }
  return messageOfJson(type, document, { itemsMax });
}
