import type { DoorName, FileVerdict } from '../../kernel/index.ts';
import type { PolicyDecision } from '../policy/index.ts';
import type { KeepResult, Quarantine } from '../quarantine/index.ts';
import type { Scan } from '../scan/index.ts';

/** A body that has been judged, and whose it is. */
export interface JudgedBody {
  readonly door: DoorName;
  readonly source: string;
  readonly user: string | undefined;
  readonly name: string | undefined;
  readonly decision: PolicyDecision | undefined;
  readonly file: FileVerdict | undefined;
}

/**
 * Whether it belongs into the quarantine: a rule wants that of what it refuses, or the operator of all that is malicious
 * (`always`). A rule that lets pass, and a door that only watches (`refused` is false), keep nothing.
 */
export function wantsFile(
  { decision, file }: Pick<JudgedBody, 'decision' | 'file'>,
  { refused, always }: { readonly refused: boolean; readonly always: boolean },
): boolean {
  if (file === undefined) return false;
  return (refused && decision?.quarantine === true) || (always && file.verdict === 'malicious');
}

/** Puts it there. `undefined`: nothing of it can be read again. */
export async function keepFile(
  quarantine: Pick<Quarantine, 'keep'>,
  { decision, file, name, door, source, user }: JudgedBody,
  scan: Scan | undefined,
): Promise<KeepResult | undefined> {
  if (scan === undefined || file === undefined || file.sha256 === '' || !scan.replayable) return undefined;
  return quarantine.keep(
    {
      name,
      sha256: file.sha256,
      bytes: file.bytes,
      media: file.type.media,
      door,
      source,
      user,
      rule: decision?.rule,
      finding: file.findings[0],
    },
    () => scan.replay(),
  );
}
