import type { MetricDeclaration } from '../../kernel/index.ts';

export const safeBrowsingMetrics: readonly MetricDeclaration[] = [
  {
    name: 'safe_browsing_updates_total',
    type: 'counter',
    help: 'List updates given to Safe Browsing clients, by list and kind: full, partial or none',
    labels: ['list', 'kind'],
  },
  {
    name: 'safe_browsing_full_hashes_total',
    type: 'counter',
    help: 'Hash prefixes that clients asked for, by result: found or none',
    labels: ['result'],
  },
  {
    name: 'safe_browsing_entries',
    type: 'gauge',
    help: 'Prefixes of the list that was made last, by list',
    labels: ['list'],
  },
];
