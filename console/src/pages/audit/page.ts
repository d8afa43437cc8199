import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'audit',
  title: { en: 'Audit', de: 'Audit' },
  icon: 'M9 4h6v3H9zM7 5H5v16h14V5h-2M9 12h6M9 16h4',
  group: 'administration',
  order: 140,
  load: () => import('./audit.tsx'),
});
