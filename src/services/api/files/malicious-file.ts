import { fileDetails } from '../../../engines/exchange/index.ts';
import type { GatewayEvent } from '../../../engines/telemetry/index.ts';
import type { FileVerdict } from '../../../kernel/index.ts';
import type { AnalyzedFile } from './analyzed-file.ts';

/** What is told of a file that is bad, or that a model suspects, whether or not its sender waits for the answer. */
export function suspectFile(
  { name, verdict, decision, quarantine, atMs }: AnalyzedFile,
  sender: { readonly source: string; readonly user?: string | undefined },
): GatewayEvent {
  return {
    timeMs: atMs,
    // What only a model suspects is no alarm.
    type: verdict.verdict === 'malicious' ? 'file.malicious' : 'file.predicted',
    severity: verdict.verdict === 'malicious' ? 'warn' : 'info',
    door: 'api',
    source: sender.source,
    user: sender.user,
    target: name ?? verdict.sha256,
    reason: reasonOf(verdict),
    details: {
      ...fileDetails(verdict, name),
      score: verdict.score,
      category: verdict.matches.find(({ category }) => category !== '')?.category,
      rule: decision.rule,
      decision: decision.decision,
      feed: verdict.matches[0]?.feed,
      ...(quarantine?.kept === true ? { quarantine: quarantine.id } : {}),
    },
  };
}

function reasonOf({ verdict, findings }: FileVerdict): string {
  const [finding] = findings;
  if (finding !== undefined) return `${finding.stage}: ${finding.name}`;
  return verdict === 'malicious' ? 'hash-listed' : 'predicted';
}
