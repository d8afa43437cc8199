export { scanRuleCommands, type ScanRuleEngines } from './commands.ts';
export { createScanEngine, type ScanEngineOptions } from './engine.io.ts';
export { scanErrors } from './errors.ts';
export { scanMetrics } from './metrics.ts';
export { createRuleSets, type RuleSets, type RuleSetView } from './rule-sets.io.ts';
export { predictionDetails, worstPrediction } from './predicted.ts';
export type { Scan, ScanContent, ScanEngine, ScanProfile, ScanRequest } from './types.ts';
