import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'messages',
  title: { en: 'Application log', de: 'Anwendungsprotokoll' },
  icon: 'M4 5h16v14H4zM7 9l3 3-3 3M12 15h5',
  group: 'system',
  order: 95,
  load: () => import('./messages.tsx'),
});
