export { BzipReader, type BzipEvent, type BzipViolation } from './bzip2.ts';
