import type { AnalyzedFile } from '../../../../client/index.ts';
import type { Verdict } from '../../lib/types.ts';
import type { Tone } from '../../ui/basics.tsx';

export type FileReport = AnalyzedFile;

export const VERDICT_TONE: Readonly<Record<Verdict, Tone>> = {
  clean: 'good',
  suspicious: 'warn',
  malicious: 'bad',
  unknown: 'note',
};
