export { indicatorsOf, NEEDS_ALL, type PatternFindings, type PatternProblem } from './indicators-of.ts';
export type { IndicatorEntry, StixBundle, StixObject, StixProducer } from './objects.ts';
export type { PatternValue } from './observables.ts';
export { isPatternError, parsePattern } from './parse.ts';
export {
  type Comparison,
  type Observation,
  PATTERN_LIMITS,
  type PatternError,
  type PatternLimits,
} from './pattern.ts';
export { readStix, STIX_LIMITS, type StixLimits } from './read.ts';
export { OWN_EXTENSION_ID, TLP_MARKINGS, tlpOf } from './vocabulary.ts';
export {
  bundleOf,
  contextObjects,
  extensionObject,
  identityObject,
  indicatorId,
  indicatorObject,
  markingObject,
  patternOf,
} from './write.ts';
