export { webReputationModule } from './module.ts';
export type { WebReputationEngines } from './context.ts';
