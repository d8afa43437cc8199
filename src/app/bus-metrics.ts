import type { MetricDeclaration } from '../kernel/index.ts';

export const BUS_METRICS: readonly MetricDeclaration[] = [
  {
    name: 'bus_posts_dropped_total',
    type: 'counter',
    help: 'Messages of edges that were dropped because control was away or slow',
  },
];
