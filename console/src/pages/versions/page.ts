import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'versions',
  title: { en: 'Versions', de: 'Versionen' },
  icon: 'M12 8v4l3 2M3.5 12a8.5 8.5 0 1 0 2.6-6.1L3.5 8.4M3.5 4v4.4h4.4',
  group: 'administration',
  order: 130,
  load: () => import('./versions.tsx'),
});
