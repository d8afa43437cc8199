export { fileAccess } from './access.ts';
export type { AnalyzedFile } from './analyzed-file.ts';
export { createIntake, type FileIntake } from './intake.ts';
export { createUploads, fileRoutes, takesFiles, type Uploads } from './routes.ts';
