import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'files',
  title: { en: 'Scan files', de: 'Dateien prüfen' },
  icon: 'M14 3H6v18h12V7zM14 3v4h4M9.5 14l2 2 3.5-4',
  group: 'files',
  order: 50,
  load: () => import('./files.tsx'),
});
