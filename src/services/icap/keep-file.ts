import type { Scan } from '../../engines/scan/index.ts';
import type { Transaction } from './transaction.ts';

/** Puts a body into the quarantine where a rule or the operator wants that. The client has its answer already. */
export async function keepFile(
  tx: Transaction,
  scan: Scan | undefined,
  name: string | undefined,
): Promise<void> {
  const { context, decision, file } = tx;
  if (scan === undefined || file === undefined || file.sha256 === '' || !scan.replayable) return;
  if (!wantsFile(tx)) return;
  const [finding] = file.findings;
  const kept = await context.quarantine.keep(
    {
      name,
      sha256: file.sha256,
      bytes: file.bytes,
      media: file.type.media,
      door: 'icap',
      source: tx.subject.source,
      user: tx.subject.user,
      rule: decision?.rule,
      finding,
    },
    () => scan.replay(),
  );
  if (!kept.kept) context.log.warn('icap.not-quarantined', { reason: kept.reason, sha256: file.sha256 });
}

/** A rule or the operator wants it kept. */
export function wantsFile({ context, decision, file }: Transaction): boolean {
  if (file === undefined) return false;
  return (
    decision?.quarantine === true || (context.config.quarantine.malicious && file.verdict === 'malicious')
  );
}
