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
  const wanted =
    decision?.quarantine === true || (context.config.quarantine.malicious && file.verdict === 'malicious');
  if (!wanted) return;
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
