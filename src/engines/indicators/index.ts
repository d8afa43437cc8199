export { createIndicatorAdmin, feedNameOf } from './admin.io.ts';
export type { ImportRequest, IndicatorAdmin, IndicatorAdminOptions, LocalRequest } from './admin.ts';
export { indicatorCommands, type IndicatorEngines } from './commands.ts';
export { indicatorErrors } from './errors.ts';
export type {
  FeedAction,
  ImportLimits,
  ImportMode,
  ImportOptions,
  ImportProgress,
  ImportReport,
  Suppressed,
} from './import-types.ts';
export type { IndicatorKind } from './keys.ts';
export type { FeedInfo, LayerInfo } from './manifest.ts';
export { indicatorMetrics } from './metrics.ts';
export { withMatches } from './precedence.ts';
export { openIndicators } from './reader.io.ts';
export type {
  FeedProblem,
  IndicatorCounts,
  IndicatorReader,
  LocalEntry,
  PrefixAttributes,
  PrefixMatch,
  StoredEntry,
} from './types.ts';
export { flattenUt1, UT1_DEFAULTS, type Ut1Options, type Ut1Report } from './ut1.io.ts';
