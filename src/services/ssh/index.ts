export { sshMetrics, type SshEngines } from './engines.ts';
export { sshModule } from './module.ts';
export { shellCommands } from './shell-commands.ts';
