import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'policy',
  title: { en: 'Policy', de: 'Richtlinie' },
  icon: 'M12 3l8 3v6c0 4.5-3.4 7.8-8 9-4.6-1.2-8-4.5-8-9V6zM8.5 12l2.5 2.5 4.5-5',
  group: 'decide',
  order: 30,
  load: () => import('./policy.tsx'),
});
