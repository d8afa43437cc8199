import { definePage } from '../../registry.ts';

export const page = definePage({
  path: '',
  title: { en: 'Overview', de: 'Überblick' },
  icon: 'M4 13h6V4H4zM14 9h6V4h-6zM14 20h6v-7h-6zM4 20h6v-3H4z',
  group: 'watch',
  order: 10,
  load: () => import('./overview.tsx'),
});
