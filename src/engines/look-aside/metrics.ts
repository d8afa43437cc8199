import type { MetricDeclaration } from '../../kernel/index.ts';

export const lookAsideMetrics: readonly MetricDeclaration[] = [
  {
    name: 'look_aside_queries_total',
    type: 'counter',
    help: 'Questions for an upstream, by result: known, unknown, limited, timeout, unreachable, refused, status, unreadable, too-large; not sent: quota, resting, control-away',
    labels: ['upstream', 'result'],
  },
  {
    name: 'look_aside_answers_total',
    type: 'counter',
    help: 'Questions of the doors, by how they were answered: cache, joined (the same was under way), asked, private, busy',
    labels: ['how'],
  },
];

/** Lists of hash prefixes: counted in every process that looks URLs up. */
export const prefixListMetrics: readonly MetricDeclaration[] = [
  {
    name: 'look_aside_prefix_hits_total',
    type: 'counter',
    help: 'URLs with a hash prefix of a list whose full hashes were not known, by what came of the question: found, nothing, joined (the same was under way), nobody (no gateway runs), busy, quota, resting, failed',
    labels: ['feed', 'result'],
  },
];
