import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'certificates',
  title: { en: 'Certificates', de: 'Zertifikate' },
  icon: 'M4 4h16v11H4zM8 8h8M8 11h5M12 15v6l2.5-1.5L17 21v-6',
  group: 'system',
  order: 80,
  load: () => import('./certificates.tsx'),
});
