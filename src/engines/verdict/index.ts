export { lookupDocument, type LookupDocument, verdictCommands, type VerdictEngines } from './commands.ts';
export { createOpinion, PREDICTION_FEED, type SiteOpinion } from './opinion.ts';
export { verdictErrors } from './errors.ts';
export {
  BLOCK_SCORES,
  createVerdictEngine,
  hashVerdictOf,
  MALICIOUS_FROM,
  type PrefixSource,
  UNKNOWN_SCORE,
  type VerdictEngine,
  verdictOf,
} from './verdict.ts';
