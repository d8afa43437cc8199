import type { FilePrediction, FileVerdict } from '../../kernel/index.ts';

/** What doors write into events of a file: the worst of what models and rules think of it. Empty: nothing bad. */
export function predictionDetails(
  file: Pick<FileVerdict, 'predictions'> | undefined,
): Readonly<Record<string, string | number>> {
  const worst = worstPrediction(file);
  if (worst === undefined) return {};
  const { verdict, score, model, reasons } = worst;
  return {
    predicted: verdict,
    predictionScore: score,
    predictionModel: model,
    why: reasons.slice(0, 3).join('; '),
  };
}

/** `undefined`: nothing was judged, or nothing speaks against it. */
export function worstPrediction(
  file: Pick<FileVerdict, 'predictions'> | undefined,
): FilePrediction | undefined {
  const [worst] = file?.predictions ?? [];
  return worst === undefined || worst.verdict === 'clean' ? undefined : worst;
}
