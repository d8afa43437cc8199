import type { Content } from './decoded.ts';
import { done, failed, type Gathered, leftMs, skipped, type StageContext } from './stage-context.ts';

const TOO_LONG_FOR_CLAMD = 'StreamMaxLength of clamd is smaller';

/** The whole of a content goes to clamd, while the other stages work. */
export async function clamdStage(context: StageContext, { store }: Content, all: Gathered): Promise<void> {
  const { parts, wanted } = context;
  const { clamd, config, clock } = parts;
  if (clamd === undefined || !wanted.has('clamd')) {
    all.stages.push(...skipped(['clamd'], wanted.has('clamd') ? 'not configured' : 'not in the profile'));
    return;
  }
  if (store.bytes > config.clamd.bytesMax) {
    const detail = `longer than ${config.clamd.bytesMax} bytes (scan.clamd.bytesMax)`;
    all.incomplete.push({ reason: 'limit', stage: 'clamd', path: '', detail });
    all.stages.push(...skipped(['clamd'], detail));
    return;
  }
  const begun = clock.monotonic();
  const outcome = await clamd.scan(() => store.replay(), leftMs(context));
  const tookMs = clock.monotonic() - begun;
  switch (outcome.kind) {
    case 'found': {
      const { name } = outcome;
      all.findings.push({ stage: 'clamd', name, source: 'clamav', severity: 'critical', path: '' });
      all.stages.push(done('clamd', tookMs));
      return;
    }
    case 'clean':
      all.stages.push(done('clamd', tookMs));
      return;
    case 'too-large':
      all.incomplete.push({ reason: 'limit', stage: 'clamd', path: '', detail: TOO_LONG_FOR_CLAMD });
      failed(all, parts, 'clamd', TOO_LONG_FOR_CLAMD, tookMs);
      return;
    case 'timeout':
    case 'unavailable': {
      const detail =
        outcome.kind === 'timeout' ? 'no answer within scan.clamd.timeout or scan.timeout' : outcome.detail;
      failed(all, parts, 'clamd', detail, tookMs);
      if (config.clamd.fail === 'closed') {
        all.incomplete.push({ reason: outcome.kind, stage: 'clamd', path: '', detail });
      }
    }
  }
}
