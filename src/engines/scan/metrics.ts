import type { MetricDeclaration } from '../../kernel/index.ts';

export const scanMetrics: readonly MetricDeclaration[] = [
  {
    name: 'scan_files_total',
    type: 'counter',
    help: 'Files that were scanned, by verdict: clean, suspicious, malicious, unknown',
    labels: ['verdict'],
  },
  {
    name: 'scan_predictions_total',
    type: 'counter',
    help: 'Files, and parts of files, that models or rules call suspicious or malicious, whatever that decides',
    labels: ['verdict'],
  },
  { name: 'scan_bytes_total', type: 'counter', help: 'Bytes of the files that were scanned' },
  {
    name: 'scan_cached_total',
    type: 'counter',
    help: 'Files whose verdict was remembered',
  },
  {
    name: 'scan_incomplete_total',
    type: 'counter',
    help: 'Parts of files that were not looked at, by reason: encrypted, damaged, limit, timeout, unavailable, unsupported',
    labels: ['reason'],
  },
  {
    name: 'scan_stage_failures_total',
    type: 'counter',
    help: 'Stages that failed, by stage',
    labels: ['stage'],
  },
  {
    name: 'scan_seconds',
    type: 'histogram',
    help: 'From the last byte of a file to its verdict',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  {
    name: 'scan_workers_lost_total',
    type: 'counter',
    help: 'Threads that died or were ended for taking too long',
  },
  { name: 'scan_waiting', type: 'gauge', help: 'Files that wait for a thread' },
  {
    name: 'scan_decoders_waiting',
    type: 'gauge',
    help: 'Bodies that wait until the content codings of others are undone',
  },
  { name: 'scan_spool_bytes', type: 'gauge', help: 'Bytes of files in the spool' },
];
