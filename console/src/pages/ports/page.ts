import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'ports',
  title: { en: 'Ports and firewall', de: 'Ports und Firewall' },
  icon: 'M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v5M14 10v4.5M9 14.5V19',
  group: 'system',
  order: 70,
  load: () => import('./ports.tsx'),
});
