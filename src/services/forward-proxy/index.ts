export { forwardProxyMetrics, type ForwardProxyEngines } from './context.ts';
export { forwardProxyModule } from './module.ts';
