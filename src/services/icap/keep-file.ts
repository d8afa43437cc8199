import { keepFile as putAway, wantsFile as isWanted } from '../../engines/exchange/index.ts';
import type { Scan } from '../../engines/scan/index.ts';
import type { Transaction } from './transaction.ts';

/** Puts a body into the quarantine where a rule or the operator wants that. The client has its answer already. */
export async function keepFile(
  tx: Transaction,
  scan: Scan | undefined,
  name: string | undefined,
): Promise<void> {
  if (!wantsFile(tx)) return;
  const { context, decision, file, subject } = tx;
  const body = { door: 'icap', source: subject.source, user: subject.user, name, decision, file } as const;
  const kept = await putAway(context.quarantine, body, scan);
  if (kept === undefined || kept.kept) return;
  context.log.warn('icap.not-quarantined', { reason: kept.reason, sha256: file?.sha256 });
}

/** Of what a rule wants kept only what is refused: a service that only watches refuses nothing. */
export function wantsFile({ context, decision, file, service }: Transaction): boolean {
  const refused = decision?.decision === 'block' && service?.profile.monitors !== true;
  return isWanted({ decision, file }, { refused, always: context.config.quarantine.malicious });
}
