import { type Audience, THREAT_NAMES } from '../../engines/safe-browsing/index.ts';
import type { WebAnswer, WebRequest } from '../../engines/web/index.ts';
import { searchHashesResponse, searchUrlsResponse } from '../../protocols/safe-browsing/index.ts';
import { canonicalUrl } from '../../protocols/url/index.ts';
import type { WebReputationEngines } from './context.ts';
import { formOf, googleError, messageAnswer, tooMany } from './google.ts';
import { bytesParameters, queryParameters } from './parameters.ts';

/** `GET /v5/hashes:search?hashPrefixes=` */
export function searchHashes(
  { safeBrowsing }: WebReputationEngines,
  request: WebRequest,
  audience: Audience,
): WebAnswer {
  const { prefixesMax, cacheMs, negativeCacheMs } = safeBrowsing.settings;
  const prefixes = bytesParameters(request.query, 'hashPrefixes');
  if (prefixes === undefined || prefixes.some(({ length }) => length < 4 || length > 32)) return BAD_PREFIX;
  if (prefixes.length === 0) return NO_PREFIX;
  if (prefixes.length > prefixesMax) return tooMany('hash prefixes', prefixesMax);
  const found = new Map(
    prefixes
      .flatMap((prefix) => safeBrowsing.find(prefix, audience))
      .map((each) => [Buffer.from(each.hash).toString('latin1'), each] as const),
  );
  const fullHashes = [...found.values()].map(({ hash, threats }) => ({
    fullHash: hash,
    fullHashDetails: threats.map((threat) => ({ threatType: THREAT_NAMES[threat].threatType })),
  }));
  const cacheDuration = fullHashes.length > 0 ? cacheMs : negativeCacheMs;
  return messageAnswer(searchHashesResponse, { fullHashes, cacheDuration }, formOf(request, 'protobuf'));
}

/** `GET /v5/urls:search?urls=` */
export async function searchUrls(
  { safeBrowsing, verdicts, config }: WebReputationEngines,
  request: WebRequest,
  audience: Audience,
): Promise<WebAnswer> {
  const { urlsMax, cacheMs, negativeCacheMs } = safeBrowsing.settings;
  const urls = queryParameters(request.query, 'urls');
  if (urls.length === 0) return NO_URL;
  if (urls.length > urlsMax) return tooMany('URLs', urlsMax);
  const readable = urls.flatMap((url) => {
    const canonical = canonicalUrl(url, config.reputation.urlBytesMax);
    return canonical === undefined ? [] : [{ url, canonical }];
  });
  await Promise.all(readable.flatMap(({ canonical }) => verdicts.prepare(canonical) ?? []));
  const threats = readable.flatMap(({ url, canonical }) => {
    const found = safeBrowsing.threatsOf(verdicts.evaluateUrl(canonical), audience);
    const threatTypes = found.map((threat) => THREAT_NAMES[threat].threatType);
    return threatTypes.length === 0 ? [] : [{ url, threatTypes }];
  });
  const cacheDuration = threats.length > 0 ? cacheMs : negativeCacheMs;
  return messageAnswer(searchUrlsResponse, { threats, cacheDuration }, formOf(request, 'protobuf'));
}

const NO_URL = googleError('INVALID_ARGUMENT', 'The parameter urls is missing.');
const NO_PREFIX = googleError('INVALID_ARGUMENT', 'The parameter hashPrefixes is missing.');
const BAD_PREFIX = googleError('INVALID_ARGUMENT', 'A hash prefix is base64 of 4 to 32 bytes.');
