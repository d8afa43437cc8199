export { memorySource, partOf } from './source.ts';
export { fileSource, openSpoolFile, openUnnamed } from './spool.io.ts';
export { TRAITS, type InnerFile, type Source, type SpoolFile, type Trait, type Trouble } from './types.ts';
export type { UnpackLimits, UnpackVisitor } from './types.ts';
export { readableCodings, readCodings, type Codings } from './codings.ts';
export { startOf, undoCodings, type Undoing } from './undo.ts';
export { hasInside } from './openers.ts';
export { typeOfSource, unpack } from './unpack.ts';
