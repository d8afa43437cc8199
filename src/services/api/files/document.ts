import type { FileReport } from '../../../engines/file-verdicts/index.ts';
import type { AnalyzedFile } from './analyzed-file.ts';

/** What is answered about one file that was handed in. */
export function fileDocument(file: AnalyzedFile): Readonly<Record<string, unknown>> {
  const { name, verdict, decision, quarantine, atMs } = file;
  return {
    ...(name === undefined ? {} : { name }),
    ...reportDocument({ verdict, atMs }),
    decision: decision.decision,
    rule: decision.rule,
    reasons: decision.reasons,
    ...(quarantine === undefined ? {} : { quarantine }),
  };
}

export function reportDocument({ verdict, atMs }: FileReport): Readonly<Record<string, unknown>> {
  return { ...verdict, scannedAt: new Date(atMs).toISOString() };
}
