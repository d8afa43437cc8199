import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'quarantine',
  title: { en: 'Quarantine', de: 'Quarantäne' },
  icon: 'M4 8h16v12H4zM6 8V5h12v3M9 13h6',
  group: 'files',
  order: 60,
  load: () => import('./quarantine.tsx'),
});
