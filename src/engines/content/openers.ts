import type { FileType } from '../../kernel/index.ts';
import { bzip2Opener, gzipName, packedOpener, xzOpener } from './stream-openers.ts';
import { tarOpener } from './tar.ts';
import type { Opener, Source } from './types.ts';
import { hasZipEnd, zipOpener } from './zip.ts';

/** Which reader opens which type. */
const OPENERS: Readonly<Record<string, Opener>> = {
  zip: zipOpener,
  gzip: packedOpener('gzip', gzipName),
  zstd: packedOpener('zstd', () => 'data'),
  bzip2: bzip2Opener,
  xz: xzOpener,
  tar: tarOpener,
};

/** The reader of a file; `undefined`: there is nothing inside. */
export function openerFor(type: FileType, source: Source): Opener | undefined {
  const known = OPENERS[type.name];
  // Programs and pictures with an archive at their end are opened by every archiver.
  return known ?? (hasZipEnd(source) ? zipOpener : undefined);
}
