export { fileAccess } from './access.ts';
export { type AnalyzedFile, createIntake, type FileIntake } from './intake.ts';
export { createUploads, fileRoutes, takesFiles, type Uploads } from './routes.ts';
