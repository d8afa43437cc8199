import type { MetricDeclaration } from '../../kernel/index.ts';

export const alertMetrics: readonly MetricDeclaration[] = [
  { name: 'alerts_active', type: 'gauge', help: 'Alarms that last, by severity', labels: ['severity'] },
  {
    name: 'alerts_notices_total',
    type: 'counter',
    help: 'Notices handed over, by channel',
    labels: ['channel'],
  },
  {
    name: 'alerts_failures_total',
    type: 'counter',
    help: 'Tries to hand over a notice that failed',
    labels: ['channel'],
  },
  { name: 'alerts_lost_total', type: 'counter', help: 'Notices that were given up', labels: ['channel'] },
];
