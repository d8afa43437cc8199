export {
  BOOST_DEFAULTS,
  type BoostOptions,
  meanOfTrees,
  trainBoost,
  type TrainingTable,
} from '../../src/engines/training/boost.ts';
