import type { GatewayEvent } from '../../../engines/telemetry/index.ts';
import type { AnalyzedFile } from './intake.ts';

/** What is told of a malicious file that was handed in, whether or not its sender waits for the answer. */
export function maliciousFile(
  { name, verdict, decision, quarantine, atMs }: AnalyzedFile,
  sender: { readonly source: string; readonly user?: string | undefined },
): GatewayEvent {
  const [finding] = verdict.findings;
  return {
    timeMs: atMs,
    type: 'file.malicious',
    severity: 'warn',
    door: 'api',
    source: sender.source,
    user: sender.user,
    target: name ?? verdict.sha256,
    reason: finding === undefined ? 'hash-listed' : `${finding.stage}: ${finding.name}`,
    details: {
      sha256: verdict.sha256,
      bytes: verdict.bytes,
      type: verdict.type.name,
      rule: decision.rule,
      decision: decision.decision,
      feed: verdict.matches[0]?.feed,
      ...(finding === undefined ? {} : { finding: finding.name, path: finding.path }),
      ...(quarantine?.kept === true ? { quarantine: quarantine.id } : {}),
    },
  };
}
