/**
 * How long does one decision take with 10, 100 and 1,000 rules? The target is 50 µs for 1,000. Baseline: the shipped
 * policy without a rule, measured in turn in the same process. *Mixed* rules are like those of a company: hosts, URLs,
 * sources, users, categories, schedules, fields; *sought* ones name texts inside fields and URLs, ports and groups;
 * *unindexed* ones name nothing that the compiler can look up (ranges, negations, short patterns), so that each of them
 * is asked. Every request is another one, and none is decided before the last rule.
 * Run: `node bench/policy.ts [rounds]`.
 */
import { ExchangeFacts, laterOf } from '../src/engines/exchange/index.ts';
import { compilePolicy, DEFAULT_DOCUMENT, loadReader, type Policy } from '../src/engines/policy/index.ts';
import type { Match, Verdict } from '../src/kernel/index.ts';
import { canonicalUrl } from '../src/protocols/url/index.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const REQUESTS = 20_000;
const UNKNOWN: Verdict = { verdict: 'unknown', score: 50, matches: [] };
const LABELLED: Verdict = { verdict: 'unknown', score: 50, matches: [label('news'), label('shopping')] };
const { readPolicy } = await loadReader();

const MIXED: readonly ((at: number) => string)[] = [
  (at) => `{ host: ["*.zone${at}.example", www.site${at}.example] }`,
  (at) => `{ host: [portal${at}.example], method: [POST, PUT] }`,
  (at) => `{ url: "site${at % 50}.example/folder/${at}/*.exe" }`,
  (at) => `{ source: [10.${at % 250}.0.0/16], schedule: office, category: games }`,
  (at) => `{ user: [user${at}, deputy${at}], host: $partners }`,
  (at) => `{ category: [category-${at}, "category-x${at}"] }`,
  (at) => `{ request-field: { name: User-Agent, contains: agent-${at} } }`,
  (at) => `{ source: 172.16.${at % 250}.0/24, indicator: { severity: critical } }`,
  (at) => `{ host: "192.0.2.${at % 250}", port: 8443 }`,
  (at) => `{ any: [{ user: chief${at} }, { group: board${at} }], scheme: ftp }`,
];
const SOUGHT: readonly ((at: number) => string)[] = [
  (at) => `{ request-field: { name: X-Tag, equals: tag-${at} } }`,
  (at) => `{ score: { min: 90 }, port: ${1024 + at} }`,
  (at) => `{ request-field: { name: User-Agent, matches: "*agent-${at}*" } }`,
  (at) => `{ url: "*/folder/${at}/*.exe" }`,
  (at) => `{ not: { host: "*.zone-${at}.example" }, group: g${at} }`,
];
const UNINDEXED: readonly ((at: number) => string)[] = [
  (at) => `{ score: { min: ${60 + (at % 40)} }, port: ${2000 + at}-${3000 + at} }`,
  (at) => `{ not: { host: "*.example" }, file-name: "*.e${at % 100}" }`,
  (at) => `{ url: "*/*.e${at % 10}" }`,
  (at) => `{ request-field: { name: X-Flag-${at % 20}, present: true } }`,
  (at) => `{ request-field: { name: User-Agent, matches: "*${at % 100}.*x" } }`,
  () => `{ schedule: office, not: { door: forward-proxy } }`,
  () => `{ indicator: { severity: [high, critical], action: block } }`,
];

function label(category: string): Match {
  return {
    feed: 'labels',
    entry: 'site.example',
    kind: 'domain',
    action: 'label',
    category,
    severity: 'low',
    confidence: 100,
    tlp: 'clear',
    addedAt: '2026-01-01T00:00:00Z',
    ageS: 1,
    expiresAt: undefined,
    licence: '',
  };
}

function policyOf(count: number, kinds: readonly ((at: number) => string)[]): Policy {
  const rules = Array.from(
    { length: count },
    (_, at) => `  - { name: rule-${at}, when: ${kinds[at % kinds.length]!(at)}, then: block }`,
  );
  const partners = Array.from({ length: 500 }, (_, at) => `partner${at}.example`).join(', ');
  const { document, problems } = readPolicy(
    `version: 1\nlists: { partners: { hosts: [${partners}] } }\nschedules: { office: { zone: Europe/Berlin, days: [mon-fri], from: "08:00", to: "18:00" } }\nrules:\n${rules.join('\n')}\ndefault: allow\n`,
  );
  if (document === undefined) throw new Error(JSON.stringify(problems.slice(0, 3)));
  return compilePolicy({ document });
}

const urls = Array.from({ length: REQUESTS }, (_, at) => {
  const url = canonicalUrl(`http://www.a.zone-${at % 997}.example/folder/${at}/index.html?x=${at}`);
  if (url === undefined) throw new Error('no URL');
  return url;
});
const fields = new Map([
  ['user-agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
  ['accept', '*/*'],
]);

function factsAt(at: number): ExchangeFacts {
  return new ExchangeFacts({
    door: 'forward-proxy',
    source: `10.200.${(at >> 8) & 255}.${at & 255}`,
    user: at % 3 === 0 ? undefined : `person${at % 211}`,
    groups: ['staff', 'sales'],
    nowMs: 1_770_000_000_000 + at * 50,
    method: 'GET',
    url: urls[at]!,
    fields,
    verdicts: { evaluateUrl: () => (at % 2 === 0 ? UNKNOWN : LABELLED) },
    later: laterOf('forward-proxy', 'GET'),
  });
}

/** Microseconds a decision: the facts are made outside of the clock. */
function measure(policy: Policy): number {
  const all = urls.map((_, at) => factsAt(at));
  let allowed = 0;
  const begun = performance.now();
  for (const facts of all) if (policy.decide('request', facts).decision === 'allow') allowed++;
  const took = performance.now() - begun;
  if (allowed !== REQUESTS) throw new Error(`${REQUESTS - allowed} requests were decided by a rule`);
  return (took * 1000) / REQUESTS;
}

const cases: readonly (readonly [string, Policy])[] = [
  ['shipped policy', compilePolicy({ document: DEFAULT_DOCUMENT })],
  ...[10, 100, 1000].map((count) => [`${count} mixed rules`, policyOf(count, MIXED)] as const),
  ...[10, 100, 1000].map((count) => [`${count} sought rules`, policyOf(count, SOUGHT)] as const),
  ...[10, 100, 1000].map((count) => [`${count} unindexed rules`, policyOf(count, UNINDEXED)] as const),
];
for (const [, policy] of cases) measure(policy);
const samples = new Map<string, number[]>(cases.map(([name]) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, policy] of cases) samples.get(name)!.push(measure(policy));
}
for (const [name, found] of samples) {
  const sorted = found.toSorted((a, b) => a - b);
  const text = (value: number): string => value.toFixed(2);
  console.log(
    `${name.padEnd(22)} ${text(sorted[sorted.length >> 1]!).padStart(8)} µs a decision (${text(sorted[0]!)}–${text(sorted.at(-1)!)})`,
  );
}
