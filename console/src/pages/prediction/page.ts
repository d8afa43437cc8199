import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'prediction',
  title: { en: 'Prediction', de: 'Vorhersage' },
  icon: 'M4 19V5M4 19h16M8 15l3-4 3 2 5-7',
  group: 'decide',
  order: 48,
  load: () => import('./prediction.tsx'),
});
