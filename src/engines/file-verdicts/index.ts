export { createFileVerdicts, type FileReport, type FileVerdicts, serveFileVerdicts } from './verdicts.ts';
