export type { AccessFacts } from './facts.ts';
export { createWebAccess, type WebAccess, type WebAccessSettings } from './web-access.ts';
