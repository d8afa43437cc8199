export { lookAsideErrors } from './errors.ts';
export { createLookAside, type LookAside, type LookAsideOptions } from './look-aside.ts';
export { lookAsideMetrics, prefixListMetrics } from './metrics.ts';
export { openPrefixListStore, type PrefixListStore } from './prefix-lists/files.io.ts';
export { createPrefixLists, type PrefixLists, type PrefixListsOptions } from './prefix-lists/prefix-lists.ts';
export {
  FIND_HASHES_METHOD,
  type HashQuestion,
  PREFIX_LISTS_TOPIC,
  serveHashQuestions,
} from './prefix-lists/wire.ts';
export { serveQuotas } from './quota.ts';
export { LOOK_ASIDE_FIELD } from './upstream.ts';
