import type { MetricDeclaration } from '../../kernel/index.ts';

/** Counted in control. */
export const exportMetrics: readonly MetricDeclaration[] = [
  {
    name: 'exports_rendered_total',
    type: 'counter',
    help: 'Renderings of exports, by format and outcome: done, failed',
    labels: ['format', 'outcome'],
  },
  {
    name: 'taxii_objects_written_total',
    type: 'counter',
    help: 'Objects that clients wrote to TAXII collections, by outcome: stored, refused',
    labels: ['outcome'],
  },
];
