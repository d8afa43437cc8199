import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'scan-rules',
  title: { en: 'Scan rules', de: 'Prüfregeln' },
  icon: 'M8 4H5v16h3M16 4h3v16h-3M9 12h6M12 9v6',
  group: 'files',
  order: 55,
  load: () => import('./scan-rules.tsx'),
});
