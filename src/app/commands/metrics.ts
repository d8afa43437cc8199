import { defineCommand, type Cell } from '../../kernel/index.ts';
import type { MetricAggregate, MetricTotal } from '../../engines/telemetry/index.ts';

export const metricsCommand = defineCommand<{ readonly metrics: () => Promise<MetricAggregate> }>({
  words: 'show metrics',
  summary: 'Show what the gateway has counted, of all processes together',
  positionals: [{ name: 'prefix', help: 'Only metrics whose names begin so', optional: true }],
  options: {},
  role: 'read',
  where: 'running',
  examples: ['show metrics', 'show metrics connections'],
  run: async ({ metrics }, input) => {
    const prefix = (input.words['prefix'] ?? '').replace(/^sallyport_/, '');
    const totals = (await metrics())
      .totals()
      .filter(({ declaration }) => declaration.name.startsWith(prefix));
    const series = totals.flatMap((total) => seriesOf(total));
    return {
      document: series,
      view: [
        {
          kind: 'table',
          columns: [{ title: 'metric' }, { title: 'labels' }, { title: 'value', align: 'right' }],
          rows: series.map(({ name, labels, value, count }): readonly Cell[] => [
            name,
            Object.entries(labels)
              .map(([label, text]) => `${label}=${text}`)
              .join(' '),
            count === undefined
              ? value
              : `${count} (mean ${(count === 0 ? 0 : value / count).toPrecision(3)})`,
          ]),
        },
      ],
    };
  },
});

/** A histogram is shown by its sum and its count; its buckets are for Prometheus. */
function seriesOf({ declaration, series }: MetricTotal) {
  const { name, type, labels = [] } = declaration;
  return series.map(({ l, v }) => ({
    name,
    type,
    labels: Object.fromEntries(labels.map((label, at) => [label, l[at] ?? ''])),
    value: v[0] ?? 0,
    ...(type === 'histogram' ? { count: v.slice(1).reduce((sum, each) => sum + each, 0) } : {}),
  }));
}
