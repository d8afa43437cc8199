import { type Audience, type SafeBrowsing, THREAT_OF_V4_TYPE } from '../../engines/safe-browsing/index.ts';
import {
  type Decoded,
  type findFullHashesRequest,
  PLATFORM_TYPE,
  THREAT_ENTRY_TYPE,
} from '../../protocols/safe-browsing/index.ts';
import { canonicalUrl } from '../../protocols/url/index.ts';
import type { WebReputationEngines } from './context.ts';

export type ThreatInfo = NonNullable<Decoded<typeof findFullHashesRequest>['threatInfo']>;
type ThreatEntry = ThreatInfo['threatEntries'][number];

/** What is asked for: each of our lists under the name that the client has for it. */
function askedTypes({ threatTypes, threatEntryTypes }: ThreatInfo) {
  // No entry type means URLs; a client that only asks for files gets nothing.
  if (threatEntryTypes.length > 0 && !threatEntryTypes.includes(THREAT_ENTRY_TYPE.URL)) return [];
  return [...new Set(threatTypes)].flatMap((threatType) => {
    const threat = THREAT_OF_V4_TYPE.get(threatType);
    return threat === undefined ? [] : [{ threatType, threat }];
  });
}

/** A platform that is not known is as good as any. */
function platformsOf({ platformTypes }: ThreatInfo): readonly number[] {
  const known = new Set(platformTypes.filter((platform) => platform > 0 && platform <= PLATFORM_TYPE.CHROME));
  return known.size === 0 ? [PLATFORM_TYPE.ANY_PLATFORM] : [...known];
}

export function hashMatches(
  safeBrowsing: SafeBrowsing,
  threatInfo: ThreatInfo,
  entries: readonly ThreatEntry[],
  audience: Audience,
) {
  const types = askedTypes(threatInfo);
  const found = new Map(
    entries
      .flatMap(({ hash }) => safeBrowsing.find(hash, audience))
      .map((each) => [Buffer.from(each.hash).toString('latin1'), each] as const),
  );
  return [...found.values()].flatMap(({ hash, threats }) =>
    types
      .filter(({ threat }) => threats.includes(threat))
      .flatMap(({ threatType }) =>
        matchesOf(threatInfo, threatType, { hash }, safeBrowsing.settings.cacheMs),
      ),
  );
}

export async function urlMatches(
  { verdicts, safeBrowsing }: WebReputationEngines,
  threatInfo: ThreatInfo,
  entries: readonly ThreatEntry[],
  urlBytesMax: number,
  audience: Audience,
) {
  const types = askedTypes(threatInfo);
  const urls = entries.flatMap(({ url }) => {
    const canonical = url === '' ? undefined : canonicalUrl(url, urlBytesMax);
    return canonical === undefined ? [] : [{ url, canonical }];
  });
  await Promise.all(urls.flatMap(({ canonical }) => verdicts.prepare(canonical) ?? []));
  return urls.flatMap(({ url, canonical }) => {
    const threats = safeBrowsing.threatsOf(verdicts.evaluateUrl(canonical), audience);
    return types
      .filter(({ threat }) => threats.includes(threat))
      .flatMap(({ threatType }) => matchesOf(threatInfo, threatType, { url }, safeBrowsing.settings.cacheMs));
  });
}

function matchesOf(
  threatInfo: ThreatInfo,
  threatType: number,
  threat: { readonly hash: Uint8Array } | { readonly url: string },
  cacheDuration: number,
) {
  const threatEntryType = THREAT_ENTRY_TYPE.URL;
  return platformsOf(threatInfo).map((platformType) => ({
    threatType,
    platformType,
    threatEntryType,
    threat,
    cacheDuration,
  }));
}
