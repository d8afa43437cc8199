export { BOOST_DEFAULTS, type BoostOptions } from '../../src/engines/training/boost-options.ts';
export { meanOfTrees, trainBoost, type TrainingTable } from '../../src/engines/training/boost.ts';
