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

/**
 * Puts it there, as its client would have seen it: without content codings, so that it can be opened when it is given
 * back, and so that its SHA-256 is that of the file however it comes. `undefined`: nothing of it can be read again.
 */
export async function keepFile(
  quarantine: Pick<Quarantine, 'keep'>,
  { decision, file, name, door, source, user }: JudgedBody,
  scan: Scan | undefined,
): Promise<KeepResult | undefined> {
  if (scan === undefined || file === undefined || file.sha256 === '' || !scan.replayable) return undefined;
  const content = await scan.content();
  try {
    return await quarantine.keep(
      {
        name,
        sha256: content?.sha256 ?? file.sha256,
        received: content === undefined ? undefined : { coding: content.coding, sha256: file.sha256 },
        bytes: content?.bytes ?? file.bytes,
        media: file.type.media,
        door,
        source,
        user,
        rule: decision?.rule,
        finding: file.findings[0],
      },
      () => (content ?? scan).replay(),
    );
  } finally {
    content?.close();
  }
}
