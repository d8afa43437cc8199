export { type Threat, THREATS } from './categories.ts';
export type { V4Update, V5Update } from './encode.ts';
export type { FoundHash } from './full-hashes.ts';
export {
  type Audience,
  EMPTY_V5_NAME,
  isTold,
  THREAT_NAMES,
  THREAT_OF_V4_TYPE,
  THREAT_OF_V5_NAME,
  V5_METADATA,
} from './lists.ts';
export { safeBrowsingMetrics } from './metrics.ts';
export {
  createSafeBrowsing,
  type GivenUpdate,
  type SafeBrowsing,
  type SafeBrowsingOptions,
  type UpdateRequest,
} from './safe-browsing.ts';
export type { SafeBrowsingSettings } from './settings.ts';
