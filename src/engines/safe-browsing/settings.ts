import type { Config } from '../config/index.ts';

/** The section `safeBrowsing` of the configuration. */
export type SafeBrowsingSettings = Config['safeBrowsing'];
