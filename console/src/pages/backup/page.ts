import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'backup',
  title: { en: 'Backup and support', de: 'Sicherung und Hilfe' },
  icon: 'M4 5h16v5H4zM4 14h16v5H4zM7.5 7.5h.01M7.5 16.5h.01M12 7.5h5M12 16.5h5',
  group: 'system',
  order: 98,
  load: () => import('./backup.tsx'),
});
