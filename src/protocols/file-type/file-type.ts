import type { FileType } from '../../kernel/index.ts';
import { cafeBabeType, mzType, oleType, zipType } from './containers.ts';
import { diskType, isLzma, trailerType } from './disks.ts';
import { magicType } from './magic.ts';
import { textType } from './text.ts';
import { FILE_TYPES, type FileTypeName } from './types.ts';

export { FILE_TYPES } from './types.ts';

/** How much of the beginning of a file is enough: the marks of a disk image stand behind 32 KiB. */
export const START_BYTES = 40 * 1024;
/** PDF readers take files whose header stands a little later; so does ours (ISO 32000-1 annex H.3.4.1). */
const PDF_WITHIN = 1024;

/**
 * The type of a file by its content. `start`: its first bytes, up to `START_BYTES`; `end`: its last, where the
 * directory of a ZIP and often that of a compound file stands. Never throws; linear in what it is given.
 */
export function fileTypeOf(start: Uint8Array, end: Uint8Array = NOTHING): FileType {
  return FILE_TYPES[nameOf(bufferOf(start), bufferOf(end))];
}

const NOTHING = new Uint8Array(0);

function nameOf(start: Buffer, end: Buffer): FileTypeName {
  if (start.length === 0) return 'empty';
  const trailed = trailerType(end);
  if (trailed !== undefined) return trailed;
  if (start[0] === 0x4d && start[1] === 0x5a) return mzType(start);
  if (start.length >= 4 && start.readUInt32BE(0) === 0xcafe_babe) return cafeBabeType(start);
  const known = magicType(start);
  if (known === 'zip') return zipType(start, end);
  if (known === 'ole') return oleType(start, end);
  if (known !== undefined) return known;
  if (start.subarray(0, PDF_WITHIN).includes('%PDF-')) return 'pdf';
  return textType(start) ?? weakType(start) ?? diskType(start) ?? 'unknown';
}

/** Formats whose marks are so short that a text must be ruled out first. */
function weakType(start: Buffer): FileTypeName | undefined {
  const [first = 0, second = 0] = start;
  if (first === 0x42 && second === 0x4d && start.length > 14 && start.readUInt32LE(6) === 0) return 'bmp';
  if (start.length > 6 && start.readUInt32BE(0) === 0x0000_0100 && start[4] !== 0) return 'ico';
  // An MPEG audio frame: eleven set bits, a version and a layer that exist.
  if (first === 0xff && (second & 0xe0) === 0xe0 && (second & 0x18) !== 0x08 && (second & 0x06) !== 0)
    return 'mp3';
  if (isLzma(start)) return 'lzma';
  if (first === 0x47 && start[188] === 0x47 && start[376] === 0x47) return 'mpeg-ts';
  if (start.length > 4 && start[2] === 0x0d && start[3] === 0x0a && second <= 0x0f) return 'pyc';
  return undefined;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
