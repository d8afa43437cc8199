import { alertMetrics } from '../../engines/alerts/index.ts';
import { egressMetrics } from '../../engines/egress/index.ts';
import { exportMetrics } from '../../engines/exports/index.ts';
import { feedMetrics } from '../../engines/feeds/index.ts';
import { prefixListMetrics } from '../../engines/look-aside/index.ts';
import { indicatorMetrics } from '../../engines/indicators/index.ts';
import { quarantineMetrics } from '../../engines/quarantine/index.ts';
import { PROCESS_METRICS } from '../../engines/telemetry/index.ts';
import type { MetricDeclaration } from '../../kernel/index.ts';
import { HEALTH_METRICS } from './health.ts';
import { TARGET_METRICS } from './target-metrics.ts';

/** What control itself counts. */
export const CONTROL_METRICS: readonly MetricDeclaration[] = [
  ...PROCESS_METRICS,
  ...indicatorMetrics,
  ...feedMetrics,
  ...exportMetrics,
  ...quarantineMetrics,
  ...egressMetrics,
  ...prefixListMetrics,
  ...alertMetrics,
  ...TARGET_METRICS,
  ...HEALTH_METRICS,
  { name: 'gateway_generation', type: 'gauge', help: 'Generation of edges that accepts' },
  {
    name: 'gateway_restarts',
    type: 'gauge',
    help: 'Processes that died and were started again, since the start',
  },
  {
    name: 'gateway_generations_cut',
    type: 'gauge',
    help: 'Old generations that were cut before they had finished',
  },
];
