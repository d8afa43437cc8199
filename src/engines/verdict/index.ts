export { lookupDocument, type LookupDocument, verdictCommands, type VerdictEngines } from './commands.ts';
export { verdictErrors } from './errors.ts';
export { createVerdictEngine, hashVerdictOf, type VerdictEngine, verdictOf } from './verdict.ts';
