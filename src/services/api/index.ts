export { apiErrors } from './errors.ts';
export type { ApiEngines } from './context.ts';
export { apiModule } from './module.ts';
