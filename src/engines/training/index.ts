export { BOOST_DEFAULTS, type BoostOptions, meanOfTrees, trainBoost, type TrainingTable } from './boost.ts';
export { type Curve, curveOf, shareAbove, thresholdAt } from './curves.ts';
export { curveFor, type FilesTask, fitFiles, lineOf, measureSplits, samplesOf, trainFiles } from './files.ts';
export type { SourceWeights } from './masks.ts';
export { readTables, rowsOf, type Sample, type SourceName } from './tables.io.ts';
