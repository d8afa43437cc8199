import type { PageEntry } from './registry.ts';

/** Made by the build from the folders below `pages/`, as `console:pages`. */
export declare const pages: readonly PageEntry[];
