import {
  type Counter,
  type FileVerdict,
  type Gauge,
  type Histogram,
  INCOMPLETE_REASONS,
  type IncompleteReason,
  type Metrics,
} from '../../kernel/index.ts';

export interface ScanCounters {
  readonly verdicts: Readonly<Record<FileVerdict['verdict'], Counter>>;
  readonly incomplete: Readonly<Record<IncompleteReason, Counter>>;
  readonly failures: Readonly<Record<'unpack' | 'yara' | 'clamd' | 'icap', Counter>>;
  readonly predictions: Readonly<Record<'suspicious' | 'malicious', Counter>>;
  readonly bytes: Counter;
  readonly cached: Counter;
  readonly seconds: Histogram;
  readonly spool: Gauge;
}

/** Slots that the hot path counts in, asked for once each. */
export function countersOf(metrics: Metrics): ScanCounters {
  const by = <T extends string>(name: string, values: readonly T[]) =>
    // One slot for each of the values.
    Object.fromEntries(values.map((value) => [value, metrics.counter(name, value)])) as Record<
      T,
      ReturnType<Metrics['counter']>
    >;
  return {
    verdicts: by<FileVerdict['verdict']>('scan_files_total', ['clean', 'suspicious', 'malicious', 'unknown']),
    incomplete: by('scan_incomplete_total', INCOMPLETE_REASONS),
    failures: by('scan_stage_failures_total', ['unpack', 'yara', 'clamd', 'icap']),
    predictions: by('scan_predictions_total', ['suspicious', 'malicious']),
    bytes: metrics.counter('scan_bytes_total'),
    cached: metrics.counter('scan_cached_total'),
    seconds: metrics.histogram('scan_seconds'),
    spool: metrics.gauge('scan_spool_bytes'),
  };
}
