import type { FileVerdict, Verdict } from '../../kernel/index.ts';
import { typeOfSource } from '../content/index.ts';
import { assess } from './assess.ts';
import { clamdStage } from './clamd-stage.ts';
import type { Content } from './decoded.ts';
import { eicarFinding } from './eicar.ts';
import { NO_WEAK_HASHES } from './hashes.ts';
import { icapStage } from './icap-stage.ts';
import {
  ALL_STAGES,
  done,
  type Gathered,
  hashFinding,
  HEAVY,
  leftMs,
  runsOf,
  skipped,
  type StageContext,
} from './stage-context.ts';
import { threadStages } from './thread-stages.ts';

/**
 * The stages, the cheap ones first; what each failure means stands with it. What is remembered of the SHA-256 ends
 * it, then other hashes can; then threads and clamd work at the same time, and what they bring is judged together.
 * The models judge in the threads, which have the parts; what they say counts as `prediction.files` says.
 */
export async function runStages(given: StageContext): Promise<FileVerdict> {
  const { parts, wanted, body, request } = given;
  const all: Gathered = { findings: [], incomplete: [], stages: [], matches: [], predictions: [] };
  if (wanted.size === 0) {
    all.stages.push(...skipped(ALL_STAGES, 'the profile scans nothing'));
    return { ...typed(given, body).base, stages: runsOf(all.stages) };
  }
  const strong = wanted.has('hashes') ? parts.verdicts.evaluateHash(body.sha256) : undefined;
  const key = parts.cacheKey(body.sha256, request);
  // What a list says of the hash may have expired since; without that nothing can have changed.
  const remembered = strong === undefined || strong.matches.length === 0 ? parts.cache.get(key) : undefined;
  if (remembered !== undefined) return { ...remembered, ...body.weak?.(), cached: true };
  const known = hashStage(given, body, strong, all);
  if (known !== undefined) return finish(typed(given, body), all, known);
  if (body.store.lost !== undefined) {
    const { reason, why } = body.store.lost;
    all.incomplete.push({ reason, stage: 'receive', path: '', detail: why });
    if (body.isEicar) all.findings.push(eicarFinding(''));
    all.stages.push(done('eicar', 0), ...skipped(HEAVY, 'the file was not kept'));
    return judge(typed(given, body), all, key);
  }
  const contents = await contentsOf(given, all);
  try {
    return await lookAt(given, contents, all, key);
  } finally {
    for (const { store } of contents) if (store !== body.store) store.close();
  }
}

/** The body, or what its content codings hide. */
async function contentsOf(
  { parts, request, body, deadlineMs }: StageContext,
  all: Gathered,
): Promise<readonly Content[]> {
  if (request.codings === undefined) return [body];
  const begun = parts.clock.monotonic();
  const { contents, incomplete } = await parts.decoder.decode(body, request.codings, deadlineMs);
  all.incomplete.push(...incomplete);
  all.stages.push(done('decode', parts.clock.monotonic() - begun));
  return contents;
}

async function lookAt(
  given: StageContext,
  contents: readonly Content[],
  all: Gathered,
  key: string,
): Promise<FileVerdict> {
  const { parts, wanted, body } = given;
  const context = typed(given, contents[0] ?? body);
  for (const content of contents) {
    if (content === body) continue;
    const strong = wanted.has('hashes') ? parts.verdicts.evaluateHash(content.sha256) : undefined;
    const known = hashStage(given, content, strong, all);
    // Known good is what was seen of it; the rest may be anything.
    const ends = known?.verdict === 'malicious' || (contents.length === 1 && all.incomplete.length === 0);
    if (known !== undefined && ends) return finish(context, all, known);
  }
  if (contents.some(({ isEicar }) => isEicar)) all.findings.push(eicarFinding(''));
  all.stages.push(done('eicar', 0));
  for (const content of contents) {
    const one = content === contents[0] ? context : typed(given, content);
    await Promise.all([
      threadStages(one, content, all),
      clamdStage(one, content, all),
      icapStage(one, content, all),
    ]);
    if (leftMs(given) <= 1) break;
  }
  return judge(context, all, key);
}

function judge(context: StageContext, all: Gathered, key: string): FileVerdict {
  const { parts, wanted, base } = context;
  // Hashes alone prove nothing clean.
  const looked = wanted.has('yara') || wanted.has('clamd') || wanted.has('icap');
  const verdict: FileVerdict = {
    ...base,
    ...assess(all.findings, all.incomplete, all.matches, looked),
    ...listed(context, all),
  };
  if (isLasting(verdict)) parts.cache.set(key, verdict);
  return verdict;
}

/** With what costs more than a look at the cache: the type and the other hashes. */
function typed(context: StageContext, content: Content): StageContext {
  const type = typeOfSource(content.store.source());
  return { ...context, base: { ...context.base, ...context.body.weak?.(), type } };
}

/** Known by its hash: bad is bad, and good by SHA-256 or the own list is good; MD5 and SHA-1 can be forged. */
function hashStage(
  { parts }: StageContext,
  { weak }: Content,
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

function finish(context: StageContext, all: Gathered, verdict: Verdict): FileVerdict {
  all.stages.push(...skipped(['eicar', ...HEAVY], `${verdict.verdict} by its hash`));
  return { ...context.base, ...verdict, ...listed(context, all) };
}

function listed(
  { parts }: StageContext,
  all: Gathered,
): Omit<Gathered, 'matches' | 'predictions'> & Pick<FileVerdict, 'matches' | 'predictions'> {
  return {
    findings: all.findings.slice(0, parts.config.findingsMax),
    incomplete: all.incomplete,
    stages: runsOf(all.stages),
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
