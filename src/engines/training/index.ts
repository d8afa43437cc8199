export { BOOST_DEFAULTS, type BoostOptions } from './boost-options.ts';
export { meanOfTrees, trainBoost, type TrainingTable } from './boost.ts';
export { type Curve, curveOf, shareAbove, thresholdAt } from './curves.ts';
export { createModelAdmin, type ModelAdmin } from './admin.ts';
export { modelCommands, type ModelEngines } from './commands.ts';
export { trainFiles } from './files.ts';
export { seeded } from './random.ts';
export { readTables, rowsOf, type Sample, type SourceName } from './tables.io.ts';
