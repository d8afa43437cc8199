export { configErrors, type ConfigProblem } from './errors.ts';
export { loadConfig, type ConfigFlags, type LoadOptions } from './load.io.ts';
export { configReference, type ConfigReferenceRow } from './schema.ts';
export { configJsonSchema, formatYaml, parseYaml } from './parse.ts';
export type * from './tree.ts';
