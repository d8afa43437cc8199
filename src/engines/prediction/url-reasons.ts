import { type CanonicalUrl, hostParts } from '../../protocols/url/index.ts';
import { domainsShown } from './brands.ts';
import type { SiteReason } from './site-score.ts';
import { URL_FEATURE_AT, type UrlFeature, type UrlFeatures } from './url-features.ts';

/** Columns that say one thing in several ways, and the sentence for it, against the site or for it. */
interface Topic {
  readonly feature: string;
  readonly columns: readonly UrlFeature[];
  readonly against: (asked: Asked) => string | undefined;
  readonly inFavor: (asked: Asked) => string | undefined;
}

interface Asked {
  readonly url: CanonicalUrl;
  readonly suffix: string;
  /** Whether the list of public suffixes has it. */
  readonly isListed: boolean;
  readonly domain: string;
  readonly name: string;
  readonly subdomain: string;
  readonly features: UrlFeatures;
  readonly value: (column: UrlFeature) => number;
}

const HOSTING_WORDS: Readonly<Record<string, string>> = {
  pages: 'anybody gets a page there without showing who they are',
  shortener: 'a shortener hides where it leads',
  dynamic: 'a dynamic name points to whatever machine its owner has today',
  tunnel: 'a tunnel leads to somebody’s own machine',
  files: 'anybody puts files there',
};

const none = (): undefined => undefined;

const TOPICS: readonly Topic[] = [
  {
    feature: 'address',
    columns: ['isAddress'],
    against: ({ url, value }) =>
      value('isAddress') === 1 ? `the host is a bare address, ${url.host}` : undefined,
    inFavor: none,
  },
  {
    feature: 'suffix',
    columns: ['placeTokens', 'suffixLabels', 'suffixLength', 'isPrivateSuffix'],
    against: ({ suffix, isListed, url, value }) => {
      if (value('isAddress') === 1) return `addresses near ${url.host} have been bad`;
      if (suffix === '') return 'its ending is no public suffix';
      return isListed ? `many bad sites are under ".${suffix}"` : `".${suffix}" is no public suffix`;
    },
    inFavor: ({ suffix, isListed }) => (isListed ? `few bad sites are under ".${suffix}"` : undefined),
  },
  {
    feature: 'name',
    columns: ['nameTokens'],
    against: ({ name }) => (name === '' ? undefined : `parts of "${name}" are common in names of bad sites`),
    inFavor: ({ name }) => (name === '' ? undefined : `"${name}" is written like names of good sites`),
  },
  {
    feature: 'wording',
    columns: [
      'nameLength',
      'nameDigits',
      'nameHyphens',
      'nameEntropy',
      'nameVowels',
      'nameConsonantRun',
      'nameDigitRun',
      'nameSwitches',
      'nameSurprise',
      'namePeak',
      'nameCovered',
      'nameWords',
      'hostLength',
      'labels',
    ],
    against: ({ name, value }) => {
      if (name === '') return undefined;
      if (value('nameSurprise') > 4.6) return `"${name}" reads like random letters`;
      if (value('nameDigits') > 0.25) return `"${name}" is full of digits`;
      if (value('nameHyphens') > 1) return `"${name}" strings words together with hyphens`;
      return `the form of "${name}" (length, words, letters) is that of short-lived names`;
    },
    inFavor: ({ name }) => (name === '' ? undefined : `"${name}" reads like a usual name`),
  },
  {
    feature: 'subdomain',
    columns: [
      'subTokens',
      'subLength',
      'subLabels',
      'subDigits',
      'subHyphens',
      'subEntropy',
      'subSurprise',
      'subCovered',
    ],
    against: ({ subdomain }) =>
      subdomain === ''
        ? 'no name stands before its domain, as with most reports of bad sites'
        : `"${subdomain}" before the domain is usual for bad sites`,
    inFavor: ({ subdomain }) =>
      subdomain === '' ? undefined : `"${subdomain}" before the domain is usual for good sites`,
  },
  {
    feature: 'popularity',
    columns: ['domainPopular', 'siteEstablished', 'hostPopular', 'parentPopular'],
    against: ({ domain, value }) =>
      value('domainPopular') + value('siteEstablished') === 0
        ? `${domain} is on no list of popular sites`
        : undefined,
    inFavor: ({ domain, value }) =>
      value('domainPopular') + value('siteEstablished') > 0
        ? `${domain} is on lists of popular sites`
        : undefined,
  },
  {
    feature: 'hosting',
    columns: ['hosting'],
    against: ({ features, url }) =>
      features.hosting === undefined ? undefined : `${url.host}: ${HOSTING_WORDS[features.hosting]}`,
    inFavor: none,
  },
  {
    feature: 'brand',
    columns: ['brandInName', 'brandInSub', 'brandSpelling', 'brandOwn', 'isPuny'],
    against: ({ features, value }) => {
      const { brand } = features;
      if (brand === undefined)
        return value('isPuny') === 1 ? 'its name is written with letters of another script' : undefined;
      const how = brand.spelling === 'plain' ? 'names' : 'imitates the name of';
      return `it ${how} ${brand.brand.name}, at home at ${domainsShown(brand.brand)}`;
    },
    inFavor: ({ domain, value }) =>
      value('brandOwn') === 1 ? `${domain} belongs to the brand it names` : undefined,
  },
  {
    feature: 'lures',
    columns: ['lures', 'hostLures'],
    against: ({ value }) =>
      value('lures') + value('hostLures') > 0
        ? 'words in it ask for trust or haste (login, verify, update and the like)'
        : undefined,
    inFavor: none,
  },
  {
    feature: 'port',
    columns: ['hasPort'],
    against: ({ url, value }) =>
      value('hasPort') === 1 ? `port ${url.port} is no usual port of the web` : undefined,
    inFavor: none,
  },
  {
    feature: 'path',
    columns: [
      'pathTokens',
      'pathLength',
      'pathDepth',
      'pathDigits',
      'pathUpper',
      'pathEntropy',
      'pathHyphens',
      'pathLongest',
      'pathSurprise',
      'pathWords',
      'pathEnding',
      'escapes',
    ],
    against: ({ url, value }) => {
      if (value('pathEnding') === 3) return 'its path ends like a program, a script or an archive';
      if (url.path === '/') return 'it is the root of a site, as most reports of bad sites are';
      return `the path ${shortened(url.path)} looks like those of bad pages`;
    },
    inFavor: ({ url }) =>
      url.path === '/' ? undefined : `the path ${shortened(url.path)} looks like those of good pages`,
  },
  {
    feature: 'query',
    columns: ['queryLength', 'queryParameters', 'queryDigits', 'queryEntropy', 'mailInQuery'],
    against: ({ url, value }) => {
      if (value('mailInQuery') === 1) return 'its query holds a mail address';
      return url.query === '' ? undefined : 'its query looks like those of bad pages';
    },
    inFavor: none,
  },
];

/** Every reason that the trees had, unsorted. The features are those of this very URL. */
export function urlReasons(
  url: CanonicalUrl,
  features: UrlFeatures,
  contributions: Float64Array,
): readonly SiteReason[] {
  const { suffix, isListed, domain, name, subdomain } = hostParts(url.host);
  const value = (column: UrlFeature): number => features.row[URL_FEATURE_AT[column]]!;
  const asked: Asked = { url, suffix, isListed, domain, name, subdomain, features, value };
  return TOPICS.flatMap(({ feature, columns, against, inFavor }) => {
    const weight = columns.reduce((sum, column) => sum + contributions[URL_FEATURE_AT[column]]!, 0);
    const text = weight > 0 ? against(asked) : inFavor(asked);
    return text === undefined ? [] : [{ feature, text, weight }];
  });
}

function shortened(path: string): string {
  return path.length <= 48 ? path : `${path.slice(0, 45)}…`;
}
