export { applianceCommands } from './commands.ts';
export { openMachine, type Machine } from './machine.io.ts';
