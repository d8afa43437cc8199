import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'health',
  title: { en: 'Health', de: 'Zustand' },
  icon: 'M3 12h4l2.5-6 5 12L17 12h4',
  group: 'system',
  order: 65,
  load: () => import('./health.tsx'),
});
