// What an edge needs of this engine: it puts files in and hands them out. List, keys and commands are control's.
export { createQuarantine, type Quarantine } from '../edge.io.ts';
