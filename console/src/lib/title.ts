import { pages } from 'console:pages';
import { computed } from '@preact/signals';
import { inLanguage } from './language.ts';
import { pagePath } from './router.ts';

/** What the registry says of the page of the address; `undefined`: there is no such page. */
export const currentPage = computed(() => pages.find(({ path }) => path === pagePath.value));

/** Its title in the language of the moment. */
export const pageTitle = computed(() =>
  currentPage.value === undefined ? '' : inLanguage(currentPage.value.title),
);
