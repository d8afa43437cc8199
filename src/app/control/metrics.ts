import {
  COLLECT_MS,
  createMetricAggregate,
  serveMetrics,
  type MetricAggregate,
  type MetricSlots,
} from '../../engines/telemetry/index.ts';
import type { EdgeLinks } from '../../kernel/index.ts';

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
