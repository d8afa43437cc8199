import type { MetricDeclaration } from '../kernel/index.ts';
import { sshMetrics } from '../services/ssh/index.ts';
import { CONTROL_METRICS } from './control/own-metrics.ts';
import { EDGE_METRICS } from './edge/metrics.ts';

/** Every metric of the gateway, as the modules that count declare them. */
export const METRICS: readonly MetricDeclaration[] = [...EDGE_METRICS, ...CONTROL_METRICS, ...sshMetrics];
