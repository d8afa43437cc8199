export type { ApiEngines } from './context.ts';
export { apiModule } from './module.ts';
