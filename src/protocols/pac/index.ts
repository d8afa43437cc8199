export { type PacInput, proxyPac } from './pac.ts';
