import { alertMetrics } from '../../engines/alerts/index.ts';
import { egressMetrics } from '../../engines/egress/index.ts';
import { exportMetrics } from '../../engines/exports/index.ts';
import { feedMetrics } from '../../engines/feeds/index.ts';
import { prefixListMetrics } from '../../engines/look-aside/index.ts';
import { indicatorMetrics } from '../../engines/indicators/index.ts';
import { quarantineMetrics } from '../../engines/quarantine/index.ts';
import {
  COLLECT_MS,
  createMetricAggregate,
  PROCESS_METRICS,
  serveMetrics,
  type MetricAggregate,
  type MetricSlots,
} from '../../engines/telemetry/index.ts';
import type { EdgeLinks, MetricDeclaration } from '../../kernel/index.ts';
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

/**
 * The sums of all processes, at the first need: the declarations come from every door, and with them comes
 * their code, which control needs for nothing else and must not load before it is ready.
 */
export function lazyAggregate(links: EdgeLinks, own: MetricSlots): () => Promise<MetricAggregate> {
  let loading: Promise<MetricAggregate> | undefined;
  const load = async (): Promise<MetricAggregate> => {
    const { METRICS } = await import('../metrics.ts');
    const aggregate = createMetricAggregate(METRICS, own);
    serveMetrics(links, aggregate);
    return aggregate;
  };
  const aggregate = (): Promise<MetricAggregate> => (loading ??= load());
  const fresh = async (): Promise<MetricAggregate> => {
    const sums = await aggregate();
    await links.collect('metrics', COLLECT_MS);
    return sums;
  };
  // Edges repeat what they have counted each second: the first message only wakes us.
  links.onPost('metrics', () => void aggregate());
  links.handle('metrics.read', async () => (await fresh()).prometheusText());
  return fresh;
}
