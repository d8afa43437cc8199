import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'targets',
  title: { en: 'Log targets', de: 'Protokollziele' },
  icon: 'M4 6h10M4 12h7M4 18h10M15 12h6M18 9l3 3-3 3',
  group: 'system',
  order: 90,
  load: () => import('./targets.tsx'),
});
