import { computed, signal } from '@preact/signals';

/** Pages live below this path; what is behind it names the page, the query its state. */
export const BASE = '/console/';

const place = signal(here());

/** Name of the page: the first segment below the base. */
export const pagePath = computed(() => place.value.path);
export const query = computed(() => new URLSearchParams(place.value.search));

addEventListener('popstate', () => void (place.value = here()));

export function hrefOf(path: string, parameters: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(parameters).filter((each): each is [string, string] => Boolean(each[1]));
  return BASE + path + (given.length === 0 ? '' : `?${new URLSearchParams(given)}`);
}

export function go(href: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', href);
  place.value = here();
}

/** Changes parameters of this page without an entry in the history. `undefined` and empty remove one. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const next = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') next.delete(name);
    else next.set(name, value);
  }
  const search = next.toString();
  go(location.pathname + (search === '' ? '' : `?${search}`), { replace: true });
}

/** Links inside the console are followed without loading it anew. */
export function followLinks(root: HTMLElement): void {
  root.addEventListener('click', (click) => {
    const link = (click.target as Element).closest('a');
    const plain = click.button === 0 && !click.metaKey && !click.ctrlKey && !click.shiftKey && !click.altKey;
    if (link === null || !plain || link.target !== '' || link.hasAttribute('download')) return;
    if (link.hash !== '') return;
    if (link.origin !== location.origin || !link.pathname.startsWith(BASE)) return;
    click.preventDefault();
    if (link.href !== location.href) go(link.href);
  });
}

function here() {
  const path = location.pathname.slice(BASE.length).replace(/\/.*$/, '');
  return { path, search: location.search };
}
