/**
 * Whether an office file takes a password, by what its format says of itself. Nothing is decrypted; also files that a
 * program opens with a password of its own (Excel's VelvetSweatshop) count, for their content cannot be looked at here.
 */
import type { Trouble } from './types.ts';

export const LOCKED: Trouble = { reason: 'encrypted', detail: 'the document has a password' };

/** How much of a stream says so: a record of a workbook stands among the first ones. */
export const LOCK_BYTES = 64 * 1024;

/** By the name of a stream of a compound file, given its start. */
const STREAMS: Readonly<Record<string, (start: Buffer) => boolean>> = {
  // [MS-OFFCRYPTO] §2.3.4: an OOXML file inside; the other stream says how.
  EncryptedPackage: () => true,
  WordDocument: isLockedWord,
  Workbook: isLockedWorkbook,
  Book: isLockedWorkbook,
  'Current User': isLockedPresentation,
};

/** `path`: of a stream, also of a document that is an object of another one. */
export function mayBeLocked(path: string): boolean {
  return Object.hasOwn(STREAMS, nameIn(path));
}

export function isLocked(path: string, start: Buffer): boolean {
  return mayBeLocked(path) && STREAMS[nameIn(path)]!(start);
}

function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** [MS-DOC] §2.5.2, FibBase: fEncrypted. */
function isLockedWord(start: Buffer): boolean {
  return start.length >= 12 && start.readUInt16LE(0) === 0xa5ec && (start.readUInt16LE(10) & 0x0100) !== 0;
}

const BOF: ReadonlySet<number> = new Set([0x0009, 0x0209, 0x0409, 0x0809]);
const EOF = 0x000a;
const FILE_PASS = 0x002f;

/** [MS-XLS] §2.4.117, FilePass: among the records of the first substream. */
function isLockedWorkbook(start: Buffer): boolean {
  if (start.length < 4 || !BOF.has(start.readUInt16LE(0))) return false;
  for (let at = 0; at + 4 <= start.length; at += 4 + start.readUInt16LE(at + 2)) {
    const type = start.readUInt16LE(at);
    if (type === FILE_PASS) return true;
    if (type === EOF) return false;
  }
  return false;
}

/** [MS-PPT] §2.3.2, CurrentUserAtom: headerToken. */
function isLockedPresentation(start: Buffer): boolean {
  return start.length >= 16 && start.readUInt32LE(12) === 0xf3d1_c4df;
}

/** OpenDocument 1.3 part 2 §3.8: the part that lists the others, and says how those are encrypted that are. */
export function isManifest(path: string): boolean {
  return /(?:^|\/)META-INF\/manifest\.xml$/.test(path);
}

export function saysEncrypted(manifest: string): boolean {
  return /<(?:[\w.-]+:)?encryption-data[\s>]/.test(manifest);
}
