export { lookupDocument, type LookupDocument, verdictCommands, type VerdictEngines } from './commands.ts';
export { verdictErrors } from './errors.ts';
export { createVerdictEngine, type VerdictEngine, verdictOf } from './verdict.ts';
