import { egressMetrics } from '../../engines/egress/index.ts';
import { lookAsideMetrics, prefixListMetrics } from '../../engines/look-aside/index.ts';
import { scanMetrics } from '../../engines/scan/index.ts';
import { ACCESS_LOG_METRICS, EVENT_QUEUE_METRICS, PROCESS_METRICS } from '../../engines/telemetry/index.ts';
import type { MetricDeclaration } from '../../kernel/index.ts';
import { BUS_METRICS } from '../bus-metrics.ts';
import { catalogue } from '../catalogue.ts';
import { HOST_METRICS } from './host.ts';

/** Metrics of an edge. Apart from those of control, whose code an edge does not load. */
export const EDGE_METRICS: readonly MetricDeclaration[] = [
  ...PROCESS_METRICS,
  ...BUS_METRICS,
  ...HOST_METRICS,
  ...ACCESS_LOG_METRICS,
  ...EVENT_QUEUE_METRICS,
  ...egressMetrics,
  ...lookAsideMetrics,
  ...prefixListMetrics,
  ...scanMetrics,
  ...catalogue.flatMap((module) => module.metrics),
];
