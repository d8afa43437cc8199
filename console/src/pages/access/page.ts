import { definePage } from '../../registry.ts';

export const page = definePage({
  path: 'access',
  title: { en: 'Users and tokens', de: 'Benutzer und Tokens' },
  icon: 'M15.5 8a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0zM5 20a7 7 0 0 1 14 0',
  group: 'administration',
  order: 110,
  load: () => import('./access.tsx'),
});
