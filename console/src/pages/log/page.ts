import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'log',
  title: { en: 'Log', de: 'Protokoll' },
  icon: 'M4 6h16M4 12h10M4 18h7M20.5 20.5l-2.2-2.2M19 16a3 3 0 1 1-6 0 3 3 0 0 1 6 0z',
  group: 'watch',
  order: 20,
  load: () => import('./log.tsx'),
});
