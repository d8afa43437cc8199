export { createFileVerdicts, type FileReport, type FileVerdicts, serveFileVerdicts } from './verdicts.ts';
export { FileVerdictStore, type VerdictStoreOptions } from './store.io.ts';
