export { stateCommands } from './commands.io.ts';
export { diffLine, diffOf, type Difference, type Json, type JsonObject } from './diff.ts';
export { stateErrors } from './errors.ts';
export { openState, type OpenStateOptions } from './open.io.ts';
export {
  documentSection,
  putDocument,
  removeDocument,
  type SectionDocument,
  type StateSection,
} from './section.ts';
export type {
  Applied,
  AuditEntry,
  AuditQuery,
  AuditRow,
  Author,
  ChangeBy,
  State,
  VersionRow,
} from './state.ts';
export { WriteBehind, type WriteBehindOptions } from './write-behind.io.ts';
export type { StateDatabase, StateTransaction, Tables } from './tables.ts';
