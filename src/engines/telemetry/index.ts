export type { AccessDetail, AccessEntry } from './access-entry.ts';
export {
  ACCESS_LOG_METRICS,
  type AccessLog,
  type AccessLogOptions,
  createAccessLog,
  noAccessLog,
} from './access-log.io.ts';
export { COLLECT_MS, createMetricAggregate, type MetricAggregate, serveMetrics } from './aggregate.ts';
export { asciiOnly, jsonString } from './escape.ts';
export {
  createEventQueue,
  EVENT_QUEUE_METRICS,
  type EventBatch,
  type EventQueue,
  type GatewayEvent,
} from './event-queue.io.ts';
export { type HealthLimits, HealthWatch } from './health-watch.ts';
export { createLog, type LogOptions } from './log.ts';
export { createLogRotation, type LogRotation, type LogRotationOptions } from './log-rotation.io.ts';
export {
  createMetrics,
  mergeDeclarations,
  type MetricSlots,
  type MetricSnapshot,
  type MetricTotal,
} from './metrics.ts';
export {
  createProcessSampler,
  type MetricsPost,
  postMetrics,
  PROCESS_METRICS,
  type ProcessRole,
  type ProcessSampler,
} from './process-metrics.io.ts';
export { PROMETHEUS_CONTENT_TYPE } from './prometheus.ts';
export { Secret } from './secret.ts';
