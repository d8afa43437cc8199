import type { FilePrediction, Finding } from '../../kernel/index.ts';
import type { ScanParts } from './parts.ts';

/** Says what the models say; where the operator lets them decide, it is a finding as well. */
export function tellPredictions(
  { metrics, prediction }: Pick<ScanParts, 'metrics' | 'prediction'>,
  all: { readonly predictions: FilePrediction[]; readonly findings: Finding[] },
  predictions: readonly FilePrediction[],
): void {
  all.predictions.push(...predictions);
  for (const { verdict, path, model } of predictions) {
    if (verdict === 'clean') continue;
    metrics.predictions[verdict].add(1);
    if (prediction !== 'block') continue;
    const severity = verdict === 'malicious' ? 'high' : 'low';
    all.findings.push({ stage: 'prediction', name: `predicted-${verdict}`, source: model, severity, path });
  }
}
