/** Icons that several pages use, as path data of 24 by 24. A page of its own brings its own. */
export const ICONS = {
  check: 'M5 12.5 10 17.5 19.5 7',
  cross: 'M6 6 18 18M18 6 6 18',
  warning:
    'M12 9v4.5M12 17h.01M10.3 4.2 2.7 17.6A2 2 0 0 0 4.4 20.5h15.2a2 2 0 0 0 1.7-2.9L13.7 4.2a2 2 0 0 0-3.4 0z',
  info: 'M12 11v5.5M12 7.5h.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z',
  block: 'M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM5.7 5.7 18.3 18.3',
  search: 'M20 20l-4.2-4.2M18 11a7 7 0 1 1-14 0 7 7 0 0 1 14 0z',
  plus: 'M12 5v14M5 12h14',
  refresh: 'M20 11a8 8 0 0 0-14.3-4L4 9M4 4v5h5M4 13a8 8 0 0 0 14.3 4L20 15M20 20v-5h-5',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  upload: 'M12 16V5M7 9l5-5 5 5M5 20h14',
  play: 'M7 5v14l12-7z',
  pause: 'M8 5v14M16 5v14',
  menu: 'M4 7h16M4 12h16M4 17h16',
  sun: 'M12 4V2M12 22v-2M4 12H2M22 12h-2M6.3 6.3 4.9 4.9M19.1 19.1l-1.4-1.4M6.3 17.7l-1.4 1.4M19.1 4.9l-1.4 1.4M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0z',
  moon: 'M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z',
  screen: 'M3 5h18v11H3zM8 20h8M12 16v4',
  out: 'M14 4h5v16h-5M4 12h11M11 8l4 4-4 4',
  clock: 'M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z',
  loading: 'M21 12a9 9 0 1 1-6.2-8.6',
  minus: 'M6 12h12',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  next: 'M9 5l7 7-7 7',
  key: 'M11.5 8.5a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM10.5 11.5l9 9M16.5 17.5l2-2M13.5 14.5l2-2',
} as const;

export type IconName = keyof typeof ICONS;

/** Decoration: what it means is always also said in words. */
export function Icon({ name, path, spin = false }: { name?: IconName; path?: string; spin?: boolean }) {
  return (
    <svg class={spin ? 'icon spin' : 'icon'} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={path ?? ICONS[name ?? 'info']} />
    </svg>
  );
}

export function Brand() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="var(--fill)" />
      <path d="M7 25V11h4v3h3v-3h4v3h3v-3h4v14h-6v-4a3 3 0 0 0-6 0v4z" fill="#fff" />
    </svg>
  );
}
