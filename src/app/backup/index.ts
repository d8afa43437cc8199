export { type BackupEngines, backupCommand, restoreCommand, type RestoreEngines } from './commands.io.ts';
export { finishRestore } from './restore.io.ts';
