export { type SquidLine, squidLine } from './squid-log.ts';
