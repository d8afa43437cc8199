import type { MetricDeclaration } from '../../kernel/index.ts';

export const indicatorMetrics: readonly MetricDeclaration[] = [
  {
    name: 'indicators_imports_total',
    type: 'counter',
    help: 'Imports of lists, by result: done or failed',
    labels: ['result'],
  },
  { name: 'indicators_entries', type: 'gauge', help: 'Entries of all feeds, by kind', labels: ['kind'] },
  { name: 'indicators_feeds', type: 'gauge', help: 'Feeds' },
];
