export { wholeTree } from './own-commands.ts';
export { processOutput } from './process.io.ts';
export { runCli } from './run.ts';
export type { CliOptions, CommandRequest, LocalEngines, Output } from './seam.ts';
