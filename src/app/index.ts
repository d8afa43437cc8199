export { createLocal, type Local, type ProcessFacts } from './local.io.ts';
