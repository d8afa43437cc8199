export { readPe } from './pe.ts';
export {
  COFF_FIELDS,
  DIRECTORIES,
  DOS_FIELDS,
  OPTIONAL_FIELDS,
  PE_BOUNDS,
  type HeaderField,
  type PeBounds,
  type PeFile,
  type PeResult,
  type PeSource,
} from './types.ts';
