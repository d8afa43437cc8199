export { type BundleEngines, collectCommand } from './collect.io.ts';
