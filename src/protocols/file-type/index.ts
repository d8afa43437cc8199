export { FILE_TYPES, fileTypeOf, START_BYTES } from './file-type.ts';
