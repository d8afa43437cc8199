import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'exports',
  title: { en: 'Lists going out', de: 'Ausgehende Listen' },
  icon: 'M5 4h9M5 9h9M5 14h5M13 17h7M17 13l4 4-4 4',
  group: 'decide',
  order: 45,
  load: () => import('./exports.tsx'),
});
