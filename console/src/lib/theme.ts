import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'sallyport.theme';
const asked = matchMedia('(prefers-color-scheme: dark)');

export const theme = signal<Theme>(keptTheme());
/** What is shown: for canvases, which know no `light-dark()`. */
export const isDark = signal(false);

const refresh = (): void =>
  void (isDark.value = theme.value === 'system' ? asked.matches : theme.value === 'dark');
asked.addEventListener('change', refresh);

effect(() => {
  if (theme.value === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme.value;
  refresh();
});

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  localStorage.setItem(KEY, chosen);
}

/** The computed color of a custom property of the style sheet. */
export function colorOf(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function keptTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}
