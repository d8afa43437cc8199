import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  batchGetHashListsResponse,
  COMPRESSION_TYPE,
  decodeMessage,
  encodeMessage,
  fetchThreatListUpdatesRequest,
  fetchThreatListUpdatesResponse,
  findFullHashesRequest,
  findFullHashesResponse,
  RESPONSE_TYPE,
  RICE_V5,
  riceEncode,
  searchHashesResponse,
  THREAT_TYPE,
} from '../../src/protocols/safe-browsing/index.ts';

export const hashOf = (expression: string): Buffer => createHash('sha256').update(expression).digest();

export interface Mood {
  /** Expressions of the list of malware. */
  bad: readonly string[];
  waitMs: number;
  cacheMs: number;
  negativeMs: number;
  /** Instead of the right one. */
  checksum?: Buffer;
  /** Answers with this, or with nothing ever. */
  lists?: number | 'silence';
  hashes?: number | 'silence' | 'garbage';
  fields?: Readonly<Record<string, string>>;
}

/** A Safe Browsing server of protobuf with one list, as its mood is: full updates in v5 and, in v4, longer prefixes. */
export function safeBrowsingServer(mood: Mood) {
  const prefixOf = (expression: string): Buffer =>
    hashOf(expression).subarray(0, expression.startsWith('long.') ? 6 : 4);
  const sorted = (): Buffer[] => mood.bad.map(prefixOf).toSorted(Buffer.compare);
  const checksum = (): Buffer =>
    mood.checksum ?? createHash('sha256').update(Buffer.concat(sorted())).digest();
  const seen: { path: string; key: string | undefined; prefixes: readonly string[] }[] = [];

  const v5Lists = (): Uint8Array => {
    const numbers = Uint32Array.from(sorted().map((each) => each.readUInt32BE()));
    const coded = riceEncode(numbers, RICE_V5);
    const additionsFourBytes = {
      firstValue: coded.firstValue,
      riceParameter: coded.parameter,
      entriesCount: coded.count,
      encodedData: coded.data,
    };
    const list = {
      name: 'mw-4b',
      version: checksum(),
      ...(numbers.length === 0 ? {} : { additionsFourBytes }),
      minimumWaitDuration: mood.waitMs,
      sha256Checksum: checksum(),
    };
    return encodeMessage(batchGetHashListsResponse, { hashLists: [list] });
  };

  const v4Lists = (body: Buffer): Uint8Array => {
    const asked = decodeMessage(fetchThreatListUpdatesRequest, body, { itemsMax: 1000 });
    if (!asked.ok) throw new Error(asked.reason);
    const byLength = Map.groupBy(sorted(), ({ length }) => length);
    const listUpdateResponses = asked.value.listUpdateRequests.map(({ threatType, platformType }) => ({
      threatType,
      platformType,
      threatEntryType: 1,
      responseType: RESPONSE_TYPE.FULL_UPDATE,
      additions: [...byLength].map(([prefixSize, each]) => ({
        compressionType: COMPRESSION_TYPE.RAW,
        rawHashes: { prefixSize, rawHashes: Buffer.concat(each) },
      })),
      newClientState: checksum(),
      checksum: { sha256: checksum() },
    }));
    return encodeMessage(fetchThreatListUpdatesResponse, {
      listUpdateResponses,
      minimumWaitDuration: mood.waitMs,
    });
  };

  const hashes = (prefixes: readonly Buffer[]): readonly Buffer[] =>
    mood.bad
      .map(hashOf)
      .filter((hash) => prefixes.some((each) => hash.subarray(0, each.length).equals(each)));

  const v5Hashes = (prefixes: readonly Buffer[]): Uint8Array =>
    encodeMessage(searchHashesResponse, {
      fullHashes: hashes(prefixes).map((fullHash) => ({
        fullHash,
        fullHashDetails: [
          { threatType: THREAT_TYPE.MALWARE },
          // For frames alone, and of a kind that nobody knows: neither says anything here.
          { threatType: THREAT_TYPE.SOCIAL_ENGINEERING, attributes: [2] },
          { threatType: 99 },
        ],
      })),
      cacheDuration: mood.cacheMs,
    });

  const v4Hashes = (body: Buffer): { prefixes: readonly Buffer[]; bytes: Uint8Array } => {
    const asked = decodeMessage(findFullHashesRequest, body, { itemsMax: 1000 });
    if (!asked.ok) throw new Error(asked.reason);
    const prefixes = (asked.value.threatInfo?.threatEntries ?? []).map(({ hash }) => Buffer.from(hash));
    const matches = hashes(prefixes).map((hash) => ({
      threatType: THREAT_TYPE.MALWARE,
      platformType: 6,
      threatEntryType: 1,
      threat: { hash },
      cacheDuration: mood.cacheMs,
    }));
    const bytes = encodeMessage(findFullHashesResponse, { matches, negativeCacheDuration: mood.negativeMs });
    return { prefixes, bytes };
  };

  const answer = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const { pathname: path, searchParams } = new URL(request.url ?? '/', 'http://server');
    const isList = path.endsWith(':fetch') || path.endsWith(':batchGet');
    let prefixes: readonly Buffer[] = searchParams
      .getAll('hashPrefixes')
      .map((each) => Buffer.from(each, 'base64'));
    let bytes: Uint8Array;
    if (path === '/v5/hashLists:batchGet') bytes = v5Lists();
    else if (path === '/v5/hashes:search') bytes = v5Hashes(prefixes);
    else if (path === '/v4/threatListUpdates:fetch') bytes = v4Lists(body);
    else ({ prefixes, bytes } = v4Hashes(body));
    const key = request.headers['x-goog-api-key'];
    seen.push({ path, key: String(key), prefixes: prefixes.map((each) => each.toString('hex')) });
    const how = isList ? mood.lists : mood.hashes;
    if (how === 'silence') return;
    if (typeof how === 'number') response.writeHead(how, mood.fields).end();
    else response.end(how === 'garbage' ? Buffer.from([0x0a, 0xff, 0xff]) : bytes);
  };

  return {
    seen,
    answer: (request: IncomingMessage, response: ServerResponse): void => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => void pieces.push(piece));
      request.on('end', () => answer(request, response, Buffer.concat(pieces)));
    },
  };
}
