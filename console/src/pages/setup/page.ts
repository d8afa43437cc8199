import { definePage } from '../../registry.ts';

/** The first steps of a new gateway; nobody needs them twice, so they are not in the navigation. */
export const page = definePage({
  path: 'setup',
  title: { en: 'Set-up', de: 'Einrichtung' },
  icon: 'M4 12h16',
  group: 'none',
  order: 0,
  admin: true,
  load: () => import('./setup.tsx'),
});
