import { PLATFORM_TYPE, THREAT_ENTRY_TYPE, THREAT_TYPE } from '../../../protocols/safe-browsing/index.ts';
import type { ApiVersion } from '../fields.ts';

/** A list of version 4 by its three numbers. */
export interface V4List {
  /** `MALWARE/ANY_PLATFORM/URL`. */
  readonly name: string;
  readonly threatType: number;
  readonly platformType: number;
  readonly threatEntryType: number;
}

/** The lists that are about sites, by what Google calls them; a server that has one of them not gives an empty one. */
const V5_LISTS = ['se-4b', 'mw-4b', 'uws-4b', 'uwsa-4b', 'pha-4b'] as const;
const V4_LISTS = ['MALWARE', 'SOCIAL_ENGINEERING', 'UNWANTED_SOFTWARE', 'POTENTIALLY_HARMFUL_APPLICATION'];

/** In the words of our own lists, from which the lists for browsers are made again: settings `safeBrowsing`. */
const CATEGORIES: ReadonlyMap<number, string> = new Map([
  [THREAT_TYPE.MALWARE, 'malware'],
  [THREAT_TYPE.SOCIAL_ENGINEERING, 'phishing'],
  [THREAT_TYPE.SOCIAL_ENGINEERING_INTERNAL, 'phishing'],
  [THREAT_TYPE.UNWANTED_SOFTWARE, 'unwanted-software'],
  [THREAT_TYPE.POTENTIALLY_HARMFUL_APPLICATION, 'pha'],
]);

/** The category of a threat; `undefined`: it says nothing of a site that should be blocked. */
export function categoryOf(threatType: number): string | undefined {
  return CATEGORIES.get(threatType);
}

/** Names of the lists that a subscription is for. */
export function listNames(feed: {
  readonly api: ApiVersion;
  /** Empty: the usual ones. */
  readonly only: readonly string[];
}): readonly string[] {
  const { api, only } = feed;
  if (api === 'v5') return only.length === 0 ? V5_LISTS : only;
  return (only.length === 0 ? V4_LISTS : only).map((name) => v4List(name)?.name ?? name);
}

/** What is wrong with the name of a list; `undefined`: nothing. */
export function listNameProblem(api: ApiVersion, name: string): string | undefined {
  if (api === 'v4') {
    return v4List(name) === undefined
      ? `"${name}" is no list of v4: THREAT or THREAT/PLATFORM with ${[...V4_LISTS].join(', ')}`
      : undefined;
  }
  return /^[a-z][a-z0-9]{0,15}-4b$/.test(name)
    ? undefined
    : `"${name}" is no list of four-byte prefixes of v5, such as ${V5_LISTS.join(', ')}`;
}

/** `MALWARE`, `MALWARE/WINDOWS` or `MALWARE/WINDOWS/URL`; only lists of URLs can be asked about. */
export function v4List(name: string): V4List | undefined {
  const [threat = '', platform = 'ANY_PLATFORM', entry = 'URL', ...more] = name.split('/');
  const threatType = numberIn(THREAT_TYPE, threat);
  const platformType = numberIn(PLATFORM_TYPE, platform);
  if (more.length > 0 || entry !== 'URL' || threatType === undefined || platformType === undefined) {
    return undefined;
  }
  if (categoryOf(threatType) === undefined || platformType === 0) return undefined;
  return {
    name: `${threat}/${platform}/URL`,
    threatType,
    platformType,
    threatEntryType: THREAT_ENTRY_TYPE.URL,
  };
}

function numberIn(table: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
