// What an edge needs of this engine: look-ups. Lists are read and imported by control.
export { withMatches } from '../precedence.ts';
export { openIndicators } from '../reader.io.ts';
export type { IndicatorReader } from '../types.ts';
