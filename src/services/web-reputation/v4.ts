import {
  type Audience,
  type SafeBrowsing,
  THREAT_NAMES,
  THREAT_OF_V4_TYPE,
  type V4Update,
} from '../../engines/safe-browsing/index.ts';
import { queryParameter, type WebAnswer, type WebRequest } from '../../engines/web/index.ts';
import type { MaybePromise } from '../../kernel/index.ts';
import {
  bytesOfBase64,
  COMPRESSION_TYPE,
  type Decoded,
  decodeMessage,
  fetchThreatListUpdatesRequest,
  fetchThreatListUpdatesResponse,
  findFullHashesRequest,
  findFullHashesResponse,
  findThreatMatchesRequest,
  findThreatMatchesResponse,
  listThreatListsResponse,
  messageOfJson,
  type MessageType,
  PLATFORM_TYPE,
  prefixChecksum,
  RESPONSE_TYPE,
  THREAT_ENTRY_TYPE,
} from '../../protocols/safe-browsing/index.ts';
import type { WebReputationEngines } from './context.ts';
import { contentTypeOf, type Form, formOf, googleError, messageAnswer, tooMany } from './google.ts';
import { hashMatches, urlMatches } from './v4-matches.ts';

type V4Handler = (request: WebRequest, audience: Audience) => MaybePromise<WebAnswer>;
type ListUpdateRequest = Decoded<typeof fetchThreatListUpdatesRequest>['listUpdateRequests'][number];

/** Lists of one update request: 17 types times 8 platforms would be 136. */
const LISTS_MAX = 64;
const NO_STATE = new Uint8Array(0);
const NO_CHECKSUM = prefixChecksum(new Uint32Array(0));

/** Safe Browsing, version 4: <https://developers.google.com/safe-browsing/v4>. */
export interface V4 {
  readonly updates: V4Handler;
  readonly fullHashes: V4Handler;
  readonly matches: V4Handler;
  readonly lists: V4Handler;
}

export function createV4(engines: WebReputationEngines): V4 {
  const { safeBrowsing, config } = engines;
  const { settings } = safeBrowsing;
  // Clients send their states along; each prefix or URL is one element.
  const limits = { itemsMax: settings.prefixesMax + settings.urlsMax + 16 * LISTS_MAX };

  /** Reads the message of a request and answers it. */
  const handler =
    <T>(
      type: MessageType<T>,
      work: (message: T, audience: Audience, form: Form) => MaybePromise<WebAnswer>,
    ): V4Handler =>
    (request, audience) => {
      const body = bodyOf(request);
      if (body === undefined)
        return googleError('INVALID_ARGUMENT', 'The message in $req or in the path is not base64.');
      const isProtobuf = contentTypeOf(request)?.includes('protobuf') ?? saysProtobuf(request);
      const reading = isProtobuf ? decodeMessage(type, body, limits) : messageOfJsonText(type, body, limits);
      if (!reading.ok) return googleError('INVALID_ARGUMENT', `The message is malformed: ${reading.reason}.`);
      return work(reading.value, audience, formOf(request, 'json'));
    };

  return {
    updates: handler(fetchThreatListUpdatesRequest, async ({ listUpdateRequests }, audience, form) => {
      if (listUpdateRequests.length > LISTS_MAX) return tooMany('lists', LISTS_MAX);
      const listUpdateResponses: V4Update[] = [];
      let isWhole = true;
      for (const each of listUpdateRequests) {
        const given = await listUpdate(safeBrowsing, each, audience);
        listUpdateResponses.push(given.update);
        isWhole &&= given.isWhole;
      }
      const wait = isWhole ? { minimumWaitDuration: settings.minimumWaitMs } : {};
      return messageAnswer(fetchThreatListUpdatesResponse, { listUpdateResponses, ...wait }, form);
    }),

    fullHashes: handler(findFullHashesRequest, ({ threatInfo }, audience, form) => {
      const entries = threatInfo?.threatEntries ?? [];
      if (entries.length > settings.prefixesMax) return tooMany('hash prefixes', settings.prefixesMax);
      if (entries.some(({ hash }) => hash.length < 4 || hash.length > 32)) return BAD_PREFIX;
      const matches =
        threatInfo === undefined ? [] : hashMatches(safeBrowsing, threatInfo, entries, audience);
      const message = { matches, negativeCacheDuration: settings.negativeCacheMs };
      return messageAnswer(findFullHashesResponse, message, form);
    }),

    matches: handler(findThreatMatchesRequest, async ({ threatInfo }, audience, form) => {
      const entries = threatInfo?.threatEntries ?? [];
      if (entries.length > settings.urlsMax) return tooMany('entries', settings.urlsMax);
      if (threatInfo === undefined) return messageAnswer(findThreatMatchesResponse, {}, form);
      const byHash = entries.filter(({ hash }) => hash.length === 32);
      const matches = [
        ...(await urlMatches(engines, threatInfo, entries, config.reputation.urlBytesMax, audience)),
        ...hashMatches(safeBrowsing, threatInfo, byHash, audience),
      ];
      return messageAnswer(findThreatMatchesResponse, { matches }, form);
    }),

    lists: (request) =>
      messageAnswer(listThreatListsResponse, { threatLists: THREAT_LISTS }, formOf(request, 'json')),
  };
}

/** One list of an update, under the names that it was asked for. */
async function listUpdate(safeBrowsing: SafeBrowsing, asked: ListUpdateRequest, audience: Audience) {
  const { threatType, threatEntryType, platformType, state, constraints } = asked;
  const names = { threatType, threatEntryType, platformType };
  const threat = THREAT_OF_V4_TYPE.get(threatType);
  // Lists of files, addresses and the like: there is nothing on them.
  if (threat === undefined || threatEntryType !== THREAT_ENTRY_TYPE.URL)
    return { update: { ...names, ...NOTHING_LISTED }, isWhole: true };
  const rice = constraints?.supportedCompressions.includes(COMPRESSION_TYPE.RICE) ?? false;
  const request = {
    threat,
    audience,
    token: state,
    updateEntriesMax: constraints?.maxUpdateEntries ?? 0,
    databaseEntriesMax: constraints?.maxDatabaseEntries ?? 0,
  };
  const given = await safeBrowsing.updateV4(request, rice);
  return { update: { ...names, ...given.update }, isWhole: given.isWhole };
}

const NOTHING_LISTED: V4Update = {
  responseType: RESPONSE_TYPE.FULL_UPDATE,
  additions: [],
  removals: [],
  // Clients insist on a state; this one leads to the same answer.
  newClientState: Uint8Array.of(0),
  checksum: { sha256: NO_CHECKSUM },
};

const THREAT_LISTS = Object.values(THREAT_NAMES).flatMap(({ threatType }) =>
  Object.values(PLATFORM_TYPE)
    .filter((platformType) => platformType !== 0)
    .map((platformType) => ({ threatType, platformType, threatEntryType: THREAT_ENTRY_TYPE.URL })),
);

/** Firefox sends the message as a parameter of GET, others as the last segment of the path, both in base64url. */
function bodyOf(request: WebRequest): Uint8Array | undefined {
  const { method, path, query, body } = request;
  if (method === 'POST') return body;
  if (path.startsWith(ENCODED)) return bytesOfBase64(path.slice(path.lastIndexOf('/') + 1));
  const parameter = queryParameter(query, '$req') ?? queryParameter(query, 'req');
  return parameter === undefined ? NO_STATE : bytesOfBase64(parameter);
}

/** `/v4/encodedUpdates/MESSAGE` and `/v4/encodedFullHashes/MESSAGE`. */
const ENCODED = '/v4/encoded';

function saysProtobuf({ method, query }: WebRequest): boolean {
  return method !== 'POST' || queryParameter(query, 'alt') === 'proto';
}

function messageOfJsonText<T>(type: MessageType<T>, body: Uint8Array, limits: { readonly itemsMax: number }) {
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8');
  try {
    return messageOfJson(type, text.trim() === '' ? {} : JSON.parse(text), limits);
  } catch {
    // SyntaxError is the only thing that JSON.parse throws.
    return { ok: false, reason: 'it is not JSON' } as const;
  }
}

const BAD_PREFIX = googleError('INVALID_ARGUMENT', 'A hash prefix has 4 to 32 bytes.');
