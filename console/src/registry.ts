import type { ComponentType } from 'preact';
import type { Text } from './lib/language.ts';

/** Where a page stands in the navigation; `none`: it is reached from another page. */
export type PageGroup = 'watch' | 'decide' | 'files' | 'system' | 'administration' | 'none';

/**
 * One page of the console: a folder below `pages/` whose `page.ts` exports an entry named `page`. The build finds the
 * folders, and what `load` imports becomes a file of its own.
 */
export interface PageEntry {
  /** Below `/console/`, one segment; empty for the first page. */
  readonly path: string;
  readonly title: Text;
  /** Path data of an icon of 24 by 24, drawn as a stroke. */
  readonly icon: string;
  readonly group: PageGroup;
  /** Within the group; smaller is higher. */
  readonly order: number;
  /** Only for administrators. */
  readonly admin?: boolean;
  load(): Promise<{ readonly Page: ComponentType }>;
}

/** Identity; gives the literal its type. */
export function definePage(entry: PageEntry): PageEntry {
  return entry;
}
