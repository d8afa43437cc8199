import {
  type Audience,
  EMPTY_V5_NAME,
  type SafeBrowsing,
  THREAT_OF_V5_NAME,
  V5_METADATA,
  type V5Update,
} from '../../engines/safe-browsing/index.ts';
import type { WebAnswer, WebRequest } from '../../engines/web/index.ts';
import type { MaybePromise } from '../../kernel/index.ts';
import {
  batchGetHashListsResponse,
  hashList,
  listHashListsResponse,
  prefixChecksum,
} from '../../protocols/safe-browsing/index.ts';
import type { WebReputationEngines } from './context.ts';
import { formOf, googleError, messageAnswer, tooMany } from './google.ts';
import { bytesParameters, queryParameters } from './parameters.ts';
import { searchHashes, searchUrls } from './v5-search.ts';

type V5Handler = (request: WebRequest, audience: Audience) => MaybePromise<WebAnswer>;

/** Lists of one request; a browser asks for five. */
const LISTS_MAX = 64;
const NO_BYTES = new Uint8Array(0);
/** Version of the lists that have nothing on them. */
const EMPTY_VERSION = Uint8Array.of(0);
const EMPTY_CHECKSUM = prefixChecksum(new Uint32Array(0));

/** Safe Browsing, version 5: <https://developers.google.com/safe-browsing/reference/rest/v5>. */
export interface V5 {
  readonly batchGet: V5Handler;
  readonly list: V5Handler;
  readonly lists: V5Handler;
  readonly hashes: V5Handler;
  readonly urls: V5Handler;
}

export function createV5(engines: WebReputationEngines): V5 {
  const { safeBrowsing } = engines;
  const update = (list: ListRequest) => listUpdate(safeBrowsing, list);

  return {
    async batchGet(request, audience) {
      const { query } = request;
      const names = queryParameters(query, 'names');
      const versions = bytesParameters(query, 'version');
      if (names.length === 0) return googleError('INVALID_ARGUMENT', 'The parameter names is missing.');
      if (names.length > LISTS_MAX) return tooMany('names', LISTS_MAX);
      if (new Set(names).size < names.length) return googleError('INVALID_ARGUMENT', 'A name comes twice.');
      if (versions === undefined || versions.length > LISTS_MAX) return BAD_VERSION;
      const hashLists: V5Update[] = [];
      for (const name of names) {
        const list = await update({ name, versions, query, audience });
        if (list === undefined) return unknownList(name);
        hashLists.push(list);
      }
      return messageAnswer(batchGetHashListsResponse, { hashLists }, formOf(request, 'protobuf'));
    },

    async list(request, audience) {
      const { path, query } = request;
      const name = path.slice(path.lastIndexOf('/') + 1);
      const versions = bytesParameters(query, 'version');
      if (versions === undefined || versions.length > 1) return BAD_VERSION;
      const list = await update({ name, versions, query, audience });
      if (list === undefined) return unknownList(name);
      return messageAnswer(hashList, list, formOf(request, 'protobuf'));
    },

    lists: (request) =>
      messageAnswer(listHashListsResponse, { hashLists: V5_METADATA }, formOf(request, 'protobuf')),

    hashes: (request, audience) => searchHashes(engines, request, audience),
    urls: (request, audience) => searchUrls(engines, request, audience),
  };
}

interface ListRequest {
  readonly name: string;
  /** Versions that the client has, of this list and of others. */
  readonly versions: readonly Uint8Array[];
  readonly query: string;
  readonly audience: Audience;
}

/** `undefined`: there is no such list. */
async function listUpdate(
  safeBrowsing: SafeBrowsing,
  { name, versions, query, audience }: ListRequest,
): Promise<V5Update | undefined> {
  const { minimumWaitMs } = safeBrowsing.settings;
  const threat = THREAT_OF_V5_NAME.get(name);
  if (threat === undefined)
    return EMPTY_V5_NAME.test(name) ? emptyList(name, versions, minimumWaitMs) : undefined;
  const given = await safeBrowsing.updateV5({
    threat,
    audience,
    token: versions.find((version) => safeBrowsing.threatOfToken(version) === threat) ?? NO_BYTES,
    updateEntriesMax: constraint(query, 'maxUpdateEntries'),
    databaseEntriesMax: constraint(query, 'maxDatabaseEntries'),
  });
  // "If omitted or zero, clients SHOULD fetch immediately": there is more.
  return { ...given.update, name, ...(given.isWhole ? { minimumWaitDuration: minimumWaitMs } : {}) };
}

function emptyList(name: string, versions: readonly Uint8Array[], minimumWaitDuration: number): V5Update {
  const isKnown = versions.some((version) => version.length === 1 && version[0] === 0);
  return {
    name,
    version: EMPTY_VERSION,
    partialUpdate: isKnown,
    minimumWaitDuration,
    ...(isKnown ? {} : { sha256Checksum: EMPTY_CHECKSUM }),
  };
}

/** 0: none. */
function constraint(query: string, name: string): number {
  const [text] = queryParameters(query, `sizeConstraints.${name}`);
  return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
}

function unknownList(name: string): WebAnswer {
  const shown = /^[\w.-]{1,64}$/.test(name) ? name : 'with that name';
  return googleError('NOT_FOUND', `There is no hash list ${shown}.`);
}

const BAD_VERSION = googleError('INVALID_ARGUMENT', 'A version is not base64, or there are too many.');
