export {
  createIndicatorAdmin,
  feedNameOf,
  type ImportRequest,
  type IndicatorAdmin,
  type IndicatorAdminOptions,
  type LocalRequest,
} from './admin.io.ts';
export { indicatorCommands, type IndicatorEngines } from './commands.ts';
export { indicatorErrors } from './errors.ts';
export type { ImportLimits, ImportOptions, ImportProgress, ImportReport } from './import.io.ts';
export type { IndicatorKind } from './keys.ts';
export type { LocalEntry } from './local-list.ts';
export type { FeedInfo } from './manifest.ts';
export { indicatorMetrics } from './metrics.ts';
export { type FeedProblem, type IndicatorCounts, type IndicatorReader, openIndicators } from './reader.io.ts';
export type { StoredEntry } from './segment.io.ts';
