import type { FeedsConfig } from '../config/index.ts';
import type { ScheduleSettings } from './schedule.ts';
import type { SourceLimits } from './sources/source.ts';

export function scheduleOf(config: FeedsConfig): ScheduleSettings {
  return {
    jitter: config.jitterPercent / 100,
    backoffMinMs: config.backoffMinMs,
    backoffMaxMs: config.backoffMaxMs,
    retryAfterMaxMs: config.retryAfterMaxMs,
  };
}

export function limitsOf(config: FeedsConfig, lineBytesMax: number): SourceLimits {
  return {
    downloadBytesMax: config.downloadBytesMax,
    expandedBytesMax: config.expandedBytesMax,
    expansionMax: config.expansionMax,
    idleMs: config.idleMs,
    pagesMax: config.pagesMax,
    pageObjects: config.pageObjects,
    objectsMax: config.objectsMax,
    documentBytesMax: config.documentBytesMax,
    eventFetchesMax: config.eventFetchesMax,
    lineBytesMax,
    prefixesMax: config.prefixesMax,
  };
}
