export { lookupDocument, type LookupDocument, verdictCommands, type VerdictEngines } from './commands.ts';
export { createOpinion, PREDICTION_FEED, type SiteOpinion } from './opinion.ts';
export { verdictErrors } from './errors.ts';
export { BLOCK_SCORES, hashVerdictOf, MALICIOUS_FROM, UNKNOWN_SCORE, verdictOf } from './scoring.ts';
export { createVerdictEngine, type PrefixSource, type VerdictEngine } from './verdict.ts';
