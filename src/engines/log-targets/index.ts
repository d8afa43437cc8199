export { logTargetCommands } from './commands.ts';
export { targetErrors } from './errors.ts';
export { type LogTarget, logTargetsSection } from './target.ts';
export type { TargetLimits } from './limits.ts';
export { createLogTargets, type LogTargets, type LogTargetView } from './targets.io.ts';
export { type Speaker, syslogText } from './wording.ts';
