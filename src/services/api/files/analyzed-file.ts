import type { KeepResult } from '../../../engines/quarantine/index.ts';
import type { Decision, FileVerdict } from '../../../kernel/index.ts';

/** One file after its analysis. */
export interface AnalyzedFile {
  readonly name: string | undefined;
  readonly verdict: FileVerdict;
  readonly decision: Decision;
  /** `undefined`: nobody wanted it kept. */
  readonly quarantine: KeepResult | undefined;
  readonly atMs: number;
}

/** One file that was received and is analyzed while its sender goes on. */
export interface AcceptedFile {
  readonly name: string | undefined;
  readonly sha256: string;
  readonly bytes: number;
}
