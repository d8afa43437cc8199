import {
  type CanonicalUrl,
  canonicalUrl,
  canonicalUrlOf,
  hostParts,
} from '../../../src/protocols/url/index.ts';
import type { Calibration } from '../../../src/engines/prediction/site-score.ts';
import { platt } from './boosted.ts';
import { type LabelledUrl, table } from './data.ts';
import { fitUrls, goodHosts, type UrlBody, urlModel } from './fit-urls.ts';
import { type Curve, curve, share as shareAbove, threshold } from './measure.ts';
import { share, type TopSites } from './sites.ts';
import type { UrlRow } from './url-rows.ts';

/** Reports from here on are later than what is trained on. */
const LATER = '2025-10-01';
const TEST_FROM = 70;

export const RECENT_BAD = 'tweetfeed_2025';
export const RECENT_GOOD = [
  'trafilatura_page_links',
  'ebookfoundation_links',
  'awesome_links',
  'debian_homepage',
];
const OLD = [
  'pdd_phish_2017',
  'pdd_legit_2017',
  'iscx_url_2016_benign',
  'phishtank_2020-05',
  'phishtank_2021-08',
];

export interface UrlReport {
  readonly lines: readonly string[];
  readonly calibration: Calibration;
}

export interface UrlData {
  readonly urls: readonly LabelledUrl[];
  readonly sites: TopSites;
  readonly hosts: readonly string[];
}

/** Hosts of curated lists have been looked at by people: they weigh less than links that people click. */
const HOST_WEIGHT = 0.3;

export function recent({ urls }: UrlData): readonly LabelledUrl[] {
  return urls.filter(({ source }) => source === RECENT_BAD || RECENT_GOOD.includes(source));
}

export function curatedHosts({ hosts }: UrlData): UrlRow[] {
  return goodHosts(hosts, HOST_WEIGHT);
}

/** Trains on what is older and on some domains, asks about what is later and about others. */
export function evaluateUrls(data: UrlData, folder: string, compares: boolean): UrlReport {
  const all = recent(data);
  const isTrained = (each: LabelledUrl): boolean =>
    each.isBad ? each.date < LATER : share(each.parts.domain) < TEST_FROM;
  const train = all.filter(isTrained);
  const body = fitUrls(train, trainedHosts(data), data.sites);
  const model = urlModel(body);
  const score = (urls: readonly LabelledUrl[], bare = false): number[] =>
    urls.map(({ url }) => model.logOdds(bare ? bareUrl(url) : url));

  const tested = all.filter((each) => !isTrained(each));
  const bad = tested.filter(({ isBad }) => isBad);
  const good = tested.filter(({ isBad }) => !isBad);
  const links = good.filter(({ source }) => source === RECENT_GOOD[0]);
  const curated = good.filter(({ source }) => source !== RECENT_GOOD[0]);
  const seen = new Set([...train, ...trainedHosts(data)].map(({ parts }) => parts.domain));
  const fresh = bad.filter(({ parts }) => !seen.has(parts.domain));
  const rows: [string, readonly LabelledUrl[], readonly LabelledUrl[], boolean?][] = [
    ['later reports / links of other sites', bad, links],
    ['the same, the host alone', bad, links, true],
    ['later reports on new domains / links', fresh, links],
    ['later reports without bare addresses / links', bad.filter(({ parts }) => !parts.isAddress), links],
    ['later reports / curated lists and projects', bad, curated],
    ['later reports / all good', bad, good],
    ...['2025-10', '2025-11', '2025-12'].map(
      (month): [string, readonly LabelledUrl[], readonly LabelledUrl[]] => [
        `reports of ${month} / all good`,
        bad.filter(({ date }) => date.startsWith(month)),
        good,
      ],
    ),
  ];
  const lines = [
    '| bad / good | bad | good | AUC | TPR at 1 % FPR | TPR at 0.1 % FPR |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  for (const [name, badUrls, goodUrls, bare] of rows) {
    lines.push(curveLine(name, curveOf(score(badUrls, bare), score(goodUrls, bare))));
  }
  const calibration = calibrated(score(bad), [...score(good), ...score(good, true)]);
  lines.push('', ...falseAccusations(folder, model.logOdds, calibration, seen));
  if (compares) lines.push('', ...compareSources(data, train, bad, links, curated));
  return { lines, calibration };
}

function curveLine(name: string, { bad, good, auc, tprAt1, tprAt01 }: Curve): string {
  return `| ${name} | ${bad} | ${good} | ${auc.toFixed(4)} | ${tprAt1.toFixed(3)} | ${tprAt01.toFixed(3)} |`;
}

export function curveOf(bad: readonly number[], good: readonly number[]): Curve {
  return curve([...bad, ...good], [...bad.map(() => 1), ...good.map(() => 0)]);
}

export function calibrated(bad: readonly number[], good: readonly number[]): Calibration {
  const sorted = good.toSorted((a, b) => b - a);
  const line = platt([...bad, ...good], [...bad.map(() => true), ...good.map(() => false)]);
  return {
    slope: rounded(line.slope),
    offset: rounded(line.offset),
    suspicious: rounded(threshold(sorted, 0.01)),
    malicious: rounded(threshold(sorted, 0.001)),
  };
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

export function bareUrl(url: CanonicalUrl): CanonicalUrl {
  return canonicalUrlOf(url.scheme, url.host, url.port, '/') ?? url;
}

function trainedHosts(data: UrlData): UrlRow[] {
  return curatedHosts(data).filter(({ parts }) => share(parts.domain) < TEST_FROM);
}

/** Requests that real browsers sent, none of which was trained on. */
function falseAccusations(
  folder: string,
  logOdds: (url: CanonicalUrl) => number,
  { suspicious, malicious }: Calibration,
  seen: ReadonlySet<string>,
): string[] {
  const urls = table(folder, '07-traffic/browser_requests.csv.gz').flatMap(
    ({ url }) => canonicalUrl(url!) ?? [],
  );
  const scores = urls.map(logOdds);
  const unknown = urls.filter(({ host }) => !seen.has(hostParts(host).domain)).map(logOdds);
  const row = (name: string, of: readonly number[]): string =>
    `| ${name} | ${of.length} | ${(shareAbove(of, suspicious) * 100).toFixed(2)} % | ${(shareAbove(of, malicious) * 100).toFixed(2)} % |`;
  return [
    '| good requests | requests | suspicious | malicious |',
    '| --- | --- | --- | --- |',
    row('browser requests', scores),
    row('browser requests to domains that were not trained on', unknown),
  ];
}

/** What other choices of sources would have given, on the same later reports. */
function compareSources(
  data: UrlData,
  train: readonly LabelledUrl[],
  bad: readonly LabelledUrl[],
  links: readonly LabelledUrl[],
  curated: readonly LabelledUrl[],
): string[] {
  const older = data.urls.filter(
    ({ source, parts }) => OLD.includes(source) && share(parts.domain) < TEST_FROM,
  );
  const japan = data.urls.filter(({ source }) => source.startsWith('jpcert'));
  const choices: [string, readonly LabelledUrl[], readonly UrlRow[]][] = [
    ['page links alone', train.filter(({ isBad, source }) => isBad || source === RECENT_GOOD[0]), []],
    ['and curated lists', train, []],
    ['and 2016–2021 (PhishTank, PDD, ISCX)', [...train, ...older], []],
    ['and JPCERT 2023–2024', [...train, ...japan], []],
  ];
  const lines = [
    '| trained on TweetFeed until 2025-09 and | links: AUC | TPR at 1 % | lists: AUC | TPR at 1 % |',
    '| --- | --- | --- | --- | --- |',
  ];
  for (const [name, urls, hosts] of choices) {
    const { logOdds } = urlModel(fitUrls(urls, hosts, data.sites));
    const odds = (of: readonly LabelledUrl[]): number[] => of.map(({ url }) => logOdds(url));
    const one = curveOf(odds(bad), odds(links));
    const other = curveOf(odds(bad), odds(curated));
    lines.push(
      `| ${name} | ${one.auc.toFixed(4)} | ${one.tprAt1.toFixed(3)} | ${other.auc.toFixed(4)} | ${other.tprAt1.toFixed(3)} |`,
    );
  }
  return lines;
}

export type { UrlBody };
