import type { MetricDeclaration } from '../../kernel/index.ts';

/** Counted in control. */
export const quarantineMetrics: readonly MetricDeclaration[] = [
  { name: 'quarantine_items', type: 'gauge', help: 'Files in the quarantine' },
  { name: 'quarantine_bytes', type: 'gauge', help: 'Disk space of the quarantine' },
  {
    name: 'quarantine_kept_total',
    type: 'counter',
    help: 'Files that should be kept, by outcome: kept, known (there already), too-large, full, changed, not-written',
    labels: ['outcome'],
  },
  {
    name: 'quarantine_removed_total',
    type: 'counter',
    help: 'Files that left the quarantine, by reason: expired, room (they made room for newer ones), purged, lost (the file was gone), orphan',
    labels: ['reason'],
  },
];
