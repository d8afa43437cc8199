export { CLI_ERROR_TABLE } from './errors.ts';
export { wholeTree } from './own-commands.ts';
export { parseCommandLine, type Parsed } from './parse.ts';
export { processOutput } from './process.io.ts';
export { runCli } from './run.ts';
export type { CliOptions, CommandRequest, Globals, LocalEngines, Output } from './seam.ts';
export { commandsBelow } from './tree.ts';
export { usageOf } from './usage.ts';
