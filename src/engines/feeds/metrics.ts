import type { MetricDeclaration } from '../../kernel/index.ts';

export const feedMetrics: readonly MetricDeclaration[] = [
  {
    name: 'feeds_sync_total',
    type: 'counter',
    help: 'Fetches of subscribed feeds, by result: changed, unchanged or failed',
    labels: ['feed', 'result'],
  },
  {
    name: 'feeds_age_seconds',
    type: 'gauge',
    help: 'Time since the last success of a subscribed feed',
    labels: ['feed'],
  },
  {
    name: 'feeds_fetched_bytes_total',
    type: 'counter',
    help: 'Bytes fetched for a feed, as they came over the network',
    labels: ['feed'],
  },
  {
    name: 'feeds_full_hash_queries_total',
    type: 'counter',
    help: 'Questions for full hashes that memory could not answer, by result: found, nothing, failed; not sent: quota, resting (back-off), busy',
    labels: ['feed', 'result'],
  },
];
