export { icapMetrics, type IcapEngines } from './context.ts';
export { icapModule } from './module.ts';
