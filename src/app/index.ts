export { createLocal } from './local.io.ts';
export type { Local, ProcessFacts } from './local-seam.ts';
