import type {
  FilePrediction,
  FileVerdict,
  Finding,
  Incomplete,
  Match,
  StageRun,
  Verdict,
} from '../../kernel/index.ts';
import { canonicalUrl } from '../../protocols/url/index.ts';
import type { ScanStage } from '../config/index.ts';
import { hasInside, type Source, typeOfSource } from '../content/index.ts';
import { assess } from './assess.ts';
import { eicarFinding } from './eicar.ts';
import { tellPredictions } from './told-predictions.ts';
import type { ScanParts } from './file-scan.io.ts';
import { NO_WEAK_HASHES, type WeakHashes } from './hashes.ts';
import { inspect } from './inspect.ts';
import type { InnerHashes, Inspected, Link } from './job.ts';
import type { JobOutcome } from './pool.io.ts';
import type { BodyStore } from './store.io.ts';
import type { ScanRequest } from './types.ts';
import type { RuleMatcher } from './yara.ts';

export interface StageContext {
  readonly parts: ScanParts;
  readonly request: ScanRequest;
  readonly wanted: ReadonlySet<ScanStage>;
  readonly store: BodyStore;
  readonly sha256: string;
  /** MD5 and SHA-1, computed when first asked for; `undefined`: nobody needs them. */
  readonly weak: (() => WeakHashes) | undefined;
  readonly isEicar: boolean;
  /** What is known already; the stages fill in the rest. */
  readonly base: FileVerdict;
}

/** What one stage adds. */
interface Gathered {
  readonly findings: Finding[];
  readonly incomplete: Incomplete[];
  readonly stages: StageRun[];
  readonly matches: Match[];
  readonly predictions: FilePrediction[];
}

/**
 * The stages, the cheap ones first; what each failure means stands with it. What is remembered of the SHA-256 ends
 * it, then other hashes can; then threads and clamd work at the same time, and what they bring is judged together.
 * The models judge in the threads, which have the parts; what they say counts as `prediction.files` says.
 */
export async function runStages(given: StageContext): Promise<FileVerdict> {
  const { parts, wanted, sha256, request } = given;
  if (wanted.size === 0) {
    return { ...withType(given).base, stages: skipped(ALL_STAGES, 'the profile scans nothing') };
  }
  const all: Gathered = { findings: [], incomplete: [], stages: [], matches: [], predictions: [] };
  const strong = wanted.has('hashes') ? parts.verdicts.evaluateHash(sha256) : undefined;
  const key = parts.cacheKey(sha256, request.profile, request.name);
  // What a list says of the hash may have expired since; without that nothing can have changed.
  const remembered = strong === undefined || strong.matches.length === 0 ? parts.cache.get(key) : undefined;
  if (remembered !== undefined) return { ...remembered, ...given.weak?.(), cached: true };
  const context = withType(given);
  const { base } = context;
  const known = hashStage(context, strong, all);
  if (known !== undefined) {
    return finish(context, all, known, `${known.verdict} by its hash`, ['eicar', ...HEAVY]);
  }
  if (context.isEicar) all.findings.push(eicarFinding(''));
  all.stages.push(done('eicar', 0));
  if (context.store.lost !== undefined) {
    const { reason, why } = context.store.lost;
    all.incomplete.push({ reason, stage: 'receive', path: '', detail: why });
    all.stages.push(...skipped(HEAVY, 'the file was not kept'));
  } else {
    await Promise.all([threadStages(context, all), clamdStage(context, all)]);
  }
  // Hashes alone prove nothing clean.
  const looked = wanted.has('yara') || wanted.has('clamd');
  const verdict: FileVerdict = {
    ...base,
    ...assess(all.findings, all.incomplete, all.matches, looked),
    ...listed(context, all),
  };
  if (isLasting(verdict)) parts.cache.set(key, verdict);
  return verdict;
}

/** With what costs more than a look at the cache: the type and the other hashes. */
function withType(context: StageContext): StageContext {
  const type = typeOfSource(context.store.source());
  return { ...context, base: { ...context.base, ...context.weak?.(), type } };
}

const HEAVY = ['unpack', 'yara', 'urls', 'prediction', 'clamd'] as const;
const ALL_STAGES = ['hashes', 'eicar', ...HEAVY] as const;

/** Known by its hash: bad is bad, and good by SHA-256 or the own list is good; MD5 and SHA-1 can be forged. */
function hashStage(
  { parts, weak }: StageContext,
  strong: Verdict | undefined,
  all: Gathered,
): Verdict | undefined {
  if (strong === undefined) {
    all.stages.push(...skipped(['hashes'], 'not in the profile'));
    return undefined;
  }
  const begun = parts.clock.monotonic();
  const { sha1, md5 } = weak?.() ?? NO_WEAK_HASHES;
  let good: Verdict | undefined;
  let bad: Verdict | undefined;
  const others = [sha1, md5].filter((each) => each !== '').map((each) => parts.verdicts.evaluateHash(each));
  for (const verdict of [strong, ...others]) {
    all.matches.push(...verdict.matches);
    if (verdict.verdict === 'clean') good ??= verdict;
    if (verdict.verdict === 'malicious' || verdict.verdict === 'suspicious') {
      if (bad === undefined || verdict.score > bad.score) bad = verdict;
    }
  }
  all.stages.push(done('hashes', parts.clock.monotonic() - begun));
  if (good !== undefined && (bad === undefined || good.matches[0]?.feed === 'local')) return good;
  if (bad === undefined) return undefined;
  all.findings.push(hashFinding(bad, ''));
  return bad.verdict === 'malicious' ? bad : undefined;
}

function hashFinding({ matches }: Verdict, path: string): Finding {
  const [match] = matches;
  return {
    stage: 'hashes',
    name: match?.category ?? '',
    source: match?.feed ?? '',
    severity: match?.severity ?? 'high',
    path,
  };
}

function finish(
  context: StageContext,
  all: Gathered,
  verdict: Verdict,
  why: string,
  left: readonly string[],
): FileVerdict {
  all.stages.push(...skipped(left, why));
  return { ...context.base, ...verdict, ...listed(context, all) };
}

/** Unpacking, rules, hashes and links of what is inside. A thread that fails leaves what it had found. */
async function threadStages(context: StageContext, all: Gathered): Promise<void> {
  const { parts, wanted, request, base } = context;
  const { config } = parts;
  const unpack = wanted.has('unpack') && config.unpack.enabled;
  const noYara = parts.noYara();
  const yara = wanted.has('yara') && config.yara.enabled;
  const urls = wanted.has('urls') && config.urls.enabled;
  const predict = wanted.has('prediction') && parts.prediction !== 'off';
  for (const [stage, on] of [
    ['unpack', unpack],
    ['yara', yara],
    ['urls', urls],
    ['prediction', predict],
  ] as const) {
    if (!on) all.stages.push(...skipped([stage], wanted.has(stage) ? 'switched off' : 'not in the profile'));
  }
  if (yara && noYara !== undefined) {
    failed(all, parts, 'yara', noYara);
    if (config.yara.fail === 'closed') {
      all.incomplete.push({ reason: 'unavailable', stage: 'yara', path: '', detail: noYara });
    }
  }
  const match = yara && noYara === undefined;
  if (!unpack && !match && !urls && !predict) return;
  const weak = parts.weakHashesListed();
  const job = { name: request.name, type: base.type, unpack, yara: match, urls, predict, weak };
  const rules = parts.matcher();
  const source = smallSource(context, job, rules);
  const outcome = source === undefined ? await inThread(context, job) : await here(parts, job, source, rules);
  all.findings.push(...outcome.findings);
  all.incomplete.push(...outcome.incomplete);
  if (outcome.end !== 'done') {
    notDone(context, all, outcome, { unpack, yara: match, urls, predict });
    return;
  }
  for (const { stage, tookMs, failed: why } of outcome.result.stages) {
    if (why === '') all.stages.push(done(stage, tookMs));
    else failed(all, parts, stage === 'yara' ? 'yara' : 'unpack', why, tookMs);
  }
  tellPredictions(parts, all, outcome.result.predictions);
  if (wanted.has('hashes')) await innerHashes(context, all, outcome.result.inner);
  if (urls) linkStage(context, all, outcome.result.links);
}

/** The file, if it is small, nothing is inside, and the rules in force are known to be quick. */
function smallSource(
  { parts, store, base }: StageContext,
  job: Inspected,
  rules: RuleMatcher | undefined,
): Source | undefined {
  if (base.bytes > parts.config.inlineMax || !store.fits(0)) return undefined;
  if (job.yara && rules === undefined) return undefined;
  const source = store.source();
  return job.unpack && hasInside(job.type, source) ? undefined : source;
}

function inThread({ parts, store }: StageContext, job: Inspected): Promise<JobOutcome> {
  store.hold();
  return parts.pool.run({ ...job, body: store.handed() }, () => store.release());
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

function notDone(
  { parts }: StageContext,
  all: Gathered,
  outcome: JobOutcome,
  on: Readonly<Record<'unpack' | 'yara' | 'urls' | 'predict', boolean>>,
): void {
  const detail = ENDS[outcome.end];
  const reason = outcome.end === 'timeout' ? 'timeout' : 'unavailable';
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
function linkStage({ parts }: StageContext, all: Gathered, links: readonly Link[]): void {
  const begun = parts.clock.monotonic();
  for (const { url, path } of links) {
    const canonical = canonicalUrl(url);
    if (canonical === undefined) continue;
    const verdict = parts.verdicts.evaluateUrl(canonical);
    const [match] = verdict.matches;
    if (match === undefined || verdict.verdict === 'clean' || verdict.verdict === 'unknown') continue;
    all.matches.push(match);
    const name = url.length > LINK_SHOWN ? `${url.slice(0, LINK_SHOWN)}…` : url;
    all.findings.push({ stage: 'urls', name, source: match.feed, severity: 'low', path });
  }
  all.stages.push(done('urls', parts.clock.monotonic() - begun));
}

async function clamdStage({ parts, wanted, store, base }: StageContext, all: Gathered): Promise<void> {
  const { clamd, config, clock } = parts;
  if (clamd === undefined || !wanted.has('clamd')) {
    all.stages.push(...skipped(['clamd'], wanted.has('clamd') ? 'not configured' : 'not in the profile'));
    return;
  }
  if (base.bytes > config.clamd.bytesMax) {
    const detail = `longer than ${config.clamd.bytesMax} bytes (scan.clamd.bytesMax)`;
    all.incomplete.push({ reason: 'limit', stage: 'clamd', path: '', detail });
    all.stages.push(...skipped(['clamd'], detail));
    return;
  }
  const begun = clock.monotonic();
  const outcome = await clamd.scan(() => store.replay());
  const tookMs = clock.monotonic() - begun;
  switch (outcome.kind) {
    case 'found':
      all.findings.push({
        stage: 'clamd',
        name: outcome.name,
        source: 'clamav',
        severity: 'critical',
        path: '',
      });
      all.stages.push(done('clamd', tookMs));
      return;
    case 'clean':
      all.stages.push(done('clamd', tookMs));
      return;
    case 'too-large':
      all.incomplete.push({
        reason: 'limit',
        stage: 'clamd',
        path: '',
        detail: 'StreamMaxLength of clamd is smaller',
      });
      failed(all, parts, 'clamd', 'StreamMaxLength of clamd is smaller', tookMs);
      return;
    case 'timeout':
    case 'unavailable': {
      const detail = outcome.kind === 'timeout' ? 'no answer within scan.clamd.timeout' : outcome.detail;
      failed(all, parts, 'clamd', detail, tookMs);
      if (config.clamd.fail === 'closed') {
        all.incomplete.push({ reason: outcome.kind, stage: 'clamd', path: '', detail });
      }
    }
  }
}

function listed(
  { parts }: StageContext,
  all: Gathered,
): Omit<Gathered, 'matches' | 'predictions'> & Pick<FileVerdict, 'matches' | 'predictions'> {
  const order = (stage: string): number => (ALL_STAGES as readonly string[]).indexOf(stage);
  return {
    findings: all.findings.slice(0, parts.config.findingsMax),
    incomplete: all.incomplete,
    stages: all.stages.toSorted((a, b) => order(a.stage) - order(b.stage)),
    matches: all.matches.slice(0, parts.config.findingsMax),
    ...(all.predictions.length === 0 ? {} : { predictions: all.predictions }),
  };
}

/** What time or a neighbor that was away had a part in may be otherwise the next time. */
function isLasting({ incomplete, stages }: FileVerdict): boolean {
  return (
    incomplete.every(({ reason }) => reason !== 'timeout' && reason !== 'unavailable') &&
    stages.every(({ state }) => state !== 'failed')
  );
}

function done(stage: string, tookMs: number): StageRun {
  return { stage, state: 'done', tookMs, why: '' };
}

function failed(
  all: Gathered,
  parts: ScanParts,
  stage: 'unpack' | 'yara' | 'clamd',
  why: string,
  tookMs = 0,
): void {
  all.stages.push({ stage, state: 'failed', tookMs, why });
  parts.metrics.failures[stage].add(1);
}

function skipped(stages: readonly string[], why: string): StageRun[] {
  return stages.map((stage) => ({ stage, state: 'skipped', tookMs: 0, why }));
}
