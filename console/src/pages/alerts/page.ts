import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'alerts',
  title: { en: 'Alerts', de: 'Alarme' },
  icon: 'M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4',
  group: 'watch',
  order: 25,
  load: () => import('./alerts.tsx'),
});
