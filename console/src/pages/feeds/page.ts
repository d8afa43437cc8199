import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'feeds',
  title: { en: 'Feeds and lists', de: 'Feeds und Listen' },
  icon: 'M5 19h.01M4 11a9 9 0 0 1 9 9M4 4a16 16 0 0 1 16 16',
  group: 'decide',
  order: 40,
  load: () => import('./feeds.tsx'),
});
