import type { Content } from './decoded.ts';
import { done, failed, type Gathered, leftMs, skipped, type StageContext } from './stage-context.ts';

/** The whole of a content goes to another ICAP service, while the other stages work. */
export async function icapStage(
  context: StageContext,
  { store, sha256 }: Content,
  all: Gathered,
): Promise<void> {
  const { parts, wanted } = context;
  const { icap, config, clock } = parts;
  if (icap === undefined || config.icap === undefined || !wanted.has('icap')) {
    all.stages.push(...skipped(['icap'], wanted.has('icap') ? 'not configured' : 'not in the profile'));
    return;
  }
  const { bytesMax, fail } = config.icap;
  if (store.bytes > bytesMax) {
    const detail = `longer than ${bytesMax} bytes (scan.icap.bytesMax)`;
    all.incomplete.push({ reason: 'limit', stage: 'icap', path: '', detail });
    all.stages.push(...skipped(['icap'], detail));
    return;
  }
  const begun = clock.monotonic();
  const file = { body: () => store.replay(), bytes: store.bytes, sha256 };
  const outcome = await icap.scan(file, leftMs(context));
  const tookMs = clock.monotonic() - begun;
  if (outcome.kind === 'clean' || outcome.kind === 'found') {
    if (outcome.kind === 'found') {
      const { name } = outcome;
      all.findings.push({ stage: 'icap', name, source: 'icap', severity: 'critical', path: '' });
    }
    all.stages.push(done('icap', tookMs));
    return;
  }
  const detail =
    outcome.kind === 'timeout' ? 'no answer within scan.icap.timeout or scan.timeout' : outcome.detail;
  failed(all, parts, 'icap', detail, tookMs);
  if (fail === 'closed') all.incomplete.push({ reason: outcome.kind, stage: 'icap', path: '', detail });
}
