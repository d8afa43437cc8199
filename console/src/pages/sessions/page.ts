import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'sessions',
  title: { en: 'Sessions', de: 'Sitzungen' },
  icon: 'M3 5h18v12H3zM8 21h8M12 17v4M7 9l3 2.5L7 14M12 14h4',
  group: 'administration',
  order: 120,
  load: () => import('./sessions.tsx'),
});
