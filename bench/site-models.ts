/**
 * How many URLs and names a second do the models judge on one core, and what does that add to an answer of web reputation?
 * Baseline: the same URLs brought into canonical form only, and `/v1/url` answers made without a model, measured in turn in the
 * same process. Target: 50,000 URLs a second with all features. CPU time of this process is counted, so that neighbors on the
 * machine do not. Run: `node bench/site-models.ts [rounds]`; needs the test data.
 */
import { createPredictor, createSitePredictor } from '../src/engines/prediction/index.ts';
import { createOpinion, type SiteOpinion, verdictOf } from '../src/engines/verdict/index.ts';
import { canonicalUrl, hostParts } from '../src/protocols/url/index.ts';
import { verdictJson } from '../src/services/web-reputation/verdict-json.ts';
import { labelledUrls } from '../scripts/training/urls/data.ts';
import { dataPath } from '../test/support/test-data.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const URLS = 40_000;

const say = (event: string, fields?: object) => process.stderr.write(`${event} ${JSON.stringify(fields)}\n`);
const log = { debug: () => undefined, info: () => undefined, warn: say, error: say };
const predictor = createPredictor({ dataDir: '/nonexistent', log });
const { urls, domains } = predictor;
if (urls === undefined || domains === undefined)
  throw new Error('there are no models: run npm run train:urls');
const sites = createSitePredictor(predictor);
const clock = { now: () => 0 };
const opinion = createOpinion({ mode: 'monitor', sites, clock, cacheEntries: 0 });
const remembering = createOpinion({ mode: 'monitor', sites, clock, cacheEntries: 4 * URLS });

const texts = labelledUrls(dataPath('.'))
  .slice(0, URLS)
  .map(({ url }) => `${url.scheme}://${url.key}`);
let kept = 0;
const cases: readonly (readonly [string, (text: string) => number])[] = [
  ['canonical form alone', (text) => canonicalUrl(text)!.path.length],
  ['URL model, from the text to log odds', (text) => urls.logOdds(canonicalUrl(text)!)],
  ['URL model, with reasons where it is not clean', (text) => urls.quick(canonicalUrl(text)!).score],
  ['domain model', (text) => domains.logOdds(hostParts(canonicalUrl(text)!.host))],
  [
    'answer of /v1/url for what no list knows, models off',
    (text) => verdictJson(text, judged(text, undefined)).length,
  ],
  ['the same, models heard', (text) => verdictJson(text, judged(text, opinion)).length],
  ['the same, the score remembered', (text) => verdictJson(text, judged(text, remembering)).length],
];

function judged(text: string, heard: SiteOpinion | undefined) {
  const url = canonicalUrl(text)!;
  const verdict = verdictOf([]);
  return heard === undefined ? verdict : heard.ofUrl(url, verdict);
}

const best = new Map<string, number>();
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, judge] of cases) {
    const before = process.cpuUsage();
    for (const text of texts) kept += judge(text);
    const { user, system } = process.cpuUsage(before);
    // The first round only warms up.
    if (round > 0) best.set(name, Math.min(best.get(name) ?? Infinity, (user + system) / texts.length));
  }
}
for (const [name, us] of best) {
  process.stdout.write(
    `${name.padEnd(56)} ${us.toFixed(2).padStart(7)} µs ${Math.round(1e6 / us).toLocaleString('en')} a second\n`,
  );
}
if (!Number.isFinite(kept)) throw new Error('a score is no number');
