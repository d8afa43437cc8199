import type { Finding, Incomplete } from '../../kernel/index.ts';
import { canonicalUrl } from '../../protocols/url/index.ts';
import { hasInside, type Source } from '../content/index.ts';
import type { Content } from './decoded.ts';
import type { ScanParts } from './parts.ts';
import { inspect } from './inspect.ts';
import type { InnerHashes, Inspected, Link } from './job.ts';
import type { JobOutcome } from './pool.io.ts';
import {
  done,
  failed,
  type Gathered,
  hashFinding,
  leftMs,
  skipped,
  type StageContext,
} from './stage-context.ts';
import { tellPredictions } from './told-predictions.ts';
import type { RuleMatcher } from './yara.ts';

/** Unpacking, rules, hashes and links of what is inside. A thread that fails leaves what it had found. */
export async function threadStages(context: StageContext, content: Content, all: Gathered): Promise<void> {
  const { parts, wanted, request, base, body } = context;
  const on = stagesOn(context, all);
  if (!on.unpack && !on.yara && !on.urls && !on.predict) return;
  const job: Inspected = {
    ...on,
    name: request.name,
    type: base.type,
    boundary: request.boundary,
    packedBytes: content === body ? undefined : body.store.bytes,
    weak: parts.weakHashesListed(),
    withinMs: leftMs(context),
  };
  const rules = parts.matcher();
  const source = smallSource(parts, content, job, rules);
  const outcome =
    source === undefined ? await inThread(parts, content, job) : await here(parts, job, source, rules);
  all.findings.push(...outcome.findings);
  all.incomplete.push(...outcome.incomplete);
  if (outcome.end !== 'done') {
    notDone(context, all, outcome, on);
    return;
  }
  for (const { stage, tookMs, failed: why } of outcome.result.stages) {
    if (why === '') all.stages.push(done(stage, tookMs));
    else failed(all, parts, stage === 'yara' ? 'yara' : 'unpack', why, tookMs);
  }
  tellPredictions(parts, all, outcome.result.predictions);
  if (wanted.has('hashes')) await innerHashes(context, all, outcome.result.inner);
  if (on.urls) await linkStage(context, all, outcome.result.links);
}

type StagesOn = Readonly<Record<'unpack' | 'yara' | 'urls' | 'predict', boolean>>;

/** What is wanted and can be done; the rest is told. */
function stagesOn({ parts, wanted }: StageContext, all: Gathered): StagesOn {
  const { config } = parts;
  const noYara = parts.noYara();
  const unpack = wanted.has('unpack') && config.unpack.enabled;
  const yara = wanted.has('yara') && config.yara.enabled;
  const urls = wanted.has('urls') && config.urls.enabled;
  const predict = wanted.has('prediction') && parts.prediction !== 'off';
  for (const [stage, isOn] of [
    ['unpack', unpack],
    ['yara', yara],
    ['urls', urls],
    ['prediction', predict],
  ] as const) {
    if (isOn) continue;
    all.stages.push(...skipped([stage], wanted.has(stage) ? 'switched off' : 'not in the profile'));
  }
  if (yara && noYara !== undefined) {
    failed(all, parts, 'yara', noYara);
    if (config.yara.fail === 'closed') {
      all.incomplete.push({ reason: 'unavailable', stage: 'yara', path: '', detail: noYara });
    }
  }
  return { unpack, yara: yara && noYara === undefined, urls, predict };
}

/** The file, if it is small, nothing is inside, and the rules in force are known to be quick. */
function smallSource(
  { config }: ScanParts,
  { store }: Content,
  job: Inspected,
  rules: RuleMatcher | undefined,
): Source | undefined {
  if (store.bytes > config.inlineMax || !store.fits(0)) return undefined;
  if (job.yara && rules === undefined) return undefined;
  if (job.unpack && job.boundary !== undefined) return undefined;
  const source = store.source();
  return job.unpack && hasInside(job.type, source) ? undefined : source;
}

function inThread({ pool }: ScanParts, { store }: Content, job: Inspected): Promise<JobOutcome> {
  store.hold();
  return pool.run({ ...job, body: store.handed() }, () => store.release());
}

/** In this thread: for a small file, handing it to another and back takes longer than looking at it. */
async function here(
  parts: ScanParts,
  job: Inspected,
  source: Source,
  rules: RuleMatcher | undefined,
): Promise<JobOutcome> {
  const findings: Finding[] = [];
  const incomplete: Incomplete[] = [];
  const result = await inspect(job, source, {
    settings: parts.inspection,
    clock: parts.clock,
    rules,
    judge: parts.judge,
    spool: () => undefined,
    found: (found) => {
      findings.push(...found.findings);
      incomplete.push(...found.incomplete);
    },
  });
  return { end: 'done', findings, incomplete, result };
}

function notDone({ parts }: StageContext, all: Gathered, outcome: JobOutcome, on: StagesOn): void {
  const detail = ENDS[outcome.end];
  const reason = outcome.end === 'timeout' || outcome.end === 'waited' ? 'timeout' : 'unavailable';
  for (const stage of ['unpack', 'yara'] as const) {
    if (!on[stage]) continue;
    failed(all, parts, stage, detail);
    all.incomplete.push({ reason, stage, path: '', detail });
  }
  for (const [stage, was] of [
    ['urls', on.urls],
    ['prediction', on.predict],
  ] as const) {
    if (was) all.stages.push({ stage, state: 'failed', tookMs: 0, why: detail });
  }
}

const ENDS: Readonly<Record<JobOutcome['end'], string>> = {
  done: '',
  timeout: 'the file took longer than scan.timeout',
  waited: 'no thread was free within scan.timeout',
  died: 'the thread that looked at the file has died',
  busy: 'too many files wait (scan.queueMax)',
  closed: 'the gateway is stopping',
};

/** In steps: an archive of ten thousand files must not hold up everybody else. */
const HASHES_A_STEP = 500;

async function innerHashes(
  { parts }: StageContext,
  all: Gathered,
  inner: readonly InnerHashes[],
): Promise<void> {
  for (const [at, { path, ...hashes }] of inner.entries()) {
    if (at % HASHES_A_STEP === HASHES_A_STEP - 1) await parts.pause();
    for (const each of [hashes.sha256, hashes.sha1, hashes.md5]) {
      if (each === '') continue;
      const verdict = parts.verdicts.evaluateHash(each);
      if (verdict.verdict !== 'malicious' && verdict.verdict !== 'suspicious') continue;
      all.matches.push(...verdict.matches);
      all.findings.push(hashFinding(verdict, path));
      break;
    }
  }
}

/** Findings are for people, who do not read links of two thousand characters. */
const LINK_SHOWN = 300;

/**
 * Links in documents. One that leads to something bad makes the document suspicious, however bad it is: reports,
 * warnings and logs name such addresses as well, and a text does no harm by itself.
 */
async function linkStage({ parts }: StageContext, all: Gathered, links: readonly Link[]): Promise<void> {
  const begun = parts.clock.monotonic();
  const known = links.flatMap(({ url, path }) => {
    const canonical = canonicalUrl(url);
    return canonical === undefined ? [] : [{ url, path, canonical }];
  });
  if (parts.verdicts.asksOthers) {
    await Promise.all(known.flatMap(({ canonical }) => parts.verdicts.prepare(canonical) ?? []));
  }
  for (const { url, path, canonical } of known) {
    const verdict = parts.verdicts.evaluateUrl(canonical);
    const [match] = verdict.matches;
    if (match === undefined || verdict.verdict === 'clean' || verdict.verdict === 'unknown') continue;
    all.matches.push(match);
    const name = url.length > LINK_SHOWN ? `${url.slice(0, LINK_SHOWN)}…` : url;
    all.findings.push({ stage: 'urls', name, source: match.feed, severity: 'low', path });
  }
  all.stages.push(done('urls', parts.clock.monotonic() - begun));
}
