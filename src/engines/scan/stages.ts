import type { FileVerdict, Finding, Incomplete, Match, StageRun, Verdict } from '../../kernel/index.ts';
import { canonicalUrl } from '../../protocols/url/index.ts';
import type { ScanStage } from '../config/index.ts';
import { assess } from './assess.ts';
import { eicarFinding } from './eicar.ts';
import type { Hashes, ScanParts } from './file-scan.io.ts';
import type { InnerHashes, Link } from './job.ts';
import type { JobOutcome } from './pool.io.ts';
import type { BodyStore } from './store.io.ts';
import type { ScanRequest } from './types.ts';

export interface StageContext {
  readonly parts: ScanParts;
  readonly request: ScanRequest;
  readonly wanted: ReadonlySet<ScanStage>;
  readonly store: BodyStore;
  readonly hashes: Hashes;
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
}

/**
 * The stages, the cheap ones first; what each failure means stands with it. Hashes can end it; then what is
 * remembered can; then threads and clamd work at the same time, and what they bring is judged together. A stage
 * of prediction will stand behind the threads, which have the type and the parts that it needs.
 */
export async function runStages(context: StageContext): Promise<FileVerdict> {
  const { parts, wanted, base, hashes } = context;
  if (wanted.size === 0) return { ...base, stages: skipped(ALL_STAGES, 'the profile scans nothing') };
  const all: Gathered = { findings: [], incomplete: [], stages: [], matches: [] };
  const known = hashStage(context, all);
  if (known !== undefined) {
    return finish(context, all, known, `${known.verdict} by its hash`, ['eicar', ...HEAVY]);
  }
  if (context.isEicar) all.findings.push(eicarFinding(''));
  all.stages.push(done('eicar', 0));
  const key = parts.cacheKey(hashes.sha256, context.request.profile, context.request.name);
  const remembered = parts.cache.get(key);
  if (remembered !== undefined) return { ...remembered, cached: true };
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

const HEAVY = ['unpack', 'yara', 'urls', 'clamd'] as const;
const ALL_STAGES = ['hashes', 'eicar', ...HEAVY] as const;

/** Known by its hash: bad is bad, and good by SHA-256 or the own list is good; MD5 and SHA-1 can be forged. */
function hashStage({ parts, wanted, hashes }: StageContext, all: Gathered): Verdict | undefined {
  if (!wanted.has('hashes')) {
    all.stages.push(...skipped(['hashes'], 'not in the profile'));
    return undefined;
  }
  const begun = parts.clock.monotonic();
  let good: Verdict | undefined;
  let bad: Verdict | undefined;
  for (const each of [hashes.sha256, hashes.sha1, hashes.md5]) {
    const verdict = parts.verdicts.evaluateHash(each);
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
  const { parts, wanted, request, store, base } = context;
  const { config } = parts;
  const unpack = wanted.has('unpack') && config.unpack.enabled;
  const noYara = parts.noYara();
  const yara = wanted.has('yara') && config.yara.enabled;
  const urls = wanted.has('urls') && config.urls.enabled;
  for (const [stage, on] of [
    ['unpack', unpack],
    ['yara', yara],
    ['urls', urls],
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
  if (!unpack && !match && !urls) return;
  store.hold();
  const outcome = await parts.pool.run(
    { body: store.handed(), name: request.name, type: base.type, unpack, yara: match, urls },
    () => store.release(),
  );
  all.findings.push(...outcome.findings);
  all.incomplete.push(...outcome.incomplete);
  if (outcome.end !== 'done') {
    notDone(context, all, outcome, { unpack, yara: match, urls });
    return;
  }
  for (const { stage, tookMs, failed: why } of outcome.result.stages) {
    if (why === '') all.stages.push(done(stage, tookMs));
    else failed(all, parts, stage === 'yara' ? 'yara' : 'unpack', why, tookMs);
  }
  if (wanted.has('hashes')) innerHashes(context, all, outcome.result.inner);
  if (urls) linkStage(context, all, outcome.result.links);
}

function notDone(
  { parts }: StageContext,
  all: Gathered,
  outcome: JobOutcome,
  on: { readonly unpack: boolean; readonly yara: boolean; readonly urls: boolean },
): void {
  const detail = ENDS[outcome.end];
  const reason = outcome.end === 'timeout' ? 'timeout' : 'unavailable';
  for (const stage of ['unpack', 'yara'] as const) {
    if (!on[stage]) continue;
    failed(all, parts, stage, detail);
    all.incomplete.push({ reason, stage, path: '', detail });
  }
  if (on.urls) all.stages.push({ stage: 'urls', state: 'failed', tookMs: 0, why: detail });
}

const ENDS: Readonly<Record<JobOutcome['end'], string>> = {
  done: '',
  timeout: 'the file took longer than scan.timeout',
  died: 'the thread that looked at the file has died',
  busy: 'too many files wait (scan.queueMax)',
  closed: 'the gateway is stopping',
};

function innerHashes({ parts }: StageContext, all: Gathered, inner: readonly InnerHashes[]): void {
  for (const { path, ...hashes } of inner) {
    for (const each of [hashes.sha256, hashes.sha1, hashes.md5]) {
      const verdict = parts.verdicts.evaluateHash(each);
      if (verdict.verdict !== 'malicious' && verdict.verdict !== 'suspicious') continue;
      all.matches.push(...verdict.matches);
      all.findings.push(hashFinding(verdict, path));
      break;
    }
  }
}

/** Links in documents: one that leads to something bad is a finding of its severity. */
function linkStage({ parts }: StageContext, all: Gathered, links: readonly Link[]): void {
  const begun = parts.clock.monotonic();
  for (const { url, path } of links) {
    const canonical = canonicalUrl(url);
    if (canonical === undefined) continue;
    const verdict = parts.verdicts.evaluateUrl(canonical);
    const [match] = verdict.matches;
    if (match === undefined || verdict.verdict === 'clean' || verdict.verdict === 'unknown') continue;
    all.matches.push(match);
    const severity = verdict.verdict === 'suspicious' ? 'low' : match.severity;
    all.findings.push({ stage: 'urls', name: match.entry, source: match.feed, severity, path });
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
): Omit<Gathered, 'matches'> & Pick<Verdict, 'matches'> {
  const order = (stage: string): number => (ALL_STAGES as readonly string[]).indexOf(stage);
  return {
    findings: all.findings.slice(0, parts.config.findingsMax),
    incomplete: all.incomplete,
    stages: all.stages.toSorted((a, b) => order(a.stage) - order(b.stage)),
    matches: all.matches,
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
