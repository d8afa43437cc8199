import { egressMetrics } from '../engines/egress/index.ts';
import { lookAsideMetrics } from '../engines/look-aside/index.ts';
import { scanMetrics } from '../engines/scan/index.ts';
import { ACCESS_LOG_METRICS, EVENT_QUEUE_METRICS, PROCESS_METRICS } from '../engines/telemetry/index.ts';
import type { MetricDeclaration } from '../kernel/index.ts';
import { sshMetrics } from '../services/ssh/index.ts';
import { BUS_METRICS } from './bus-metrics.ts';
import { catalogue } from './catalogue.ts';
import { CONTROL_METRICS } from './control/metrics.ts';
import { HOST_METRICS } from './edge/host.ts';

/** Metrics of an edge. */
export const EDGE_METRICS: readonly MetricDeclaration[] = [
  ...PROCESS_METRICS,
  ...BUS_METRICS,
  ...HOST_METRICS,
  ...ACCESS_LOG_METRICS,
  ...EVENT_QUEUE_METRICS,
  ...egressMetrics,
  ...lookAsideMetrics,
  ...scanMetrics,
  ...catalogue.flatMap((module) => module.metrics),
];

/** Every metric of the gateway, as the modules that count declare them. */
export const METRICS: readonly MetricDeclaration[] = [...EDGE_METRICS, ...CONTROL_METRICS, ...sshMetrics];
