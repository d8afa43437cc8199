import type { FileType } from '../../kernel/index.ts';
import { arOpener } from './ar.ts';
import { compoundOpener } from './compound.ts';
import { isoOpener } from './iso.ts';
import { mailOpener, mboxOpener } from './mail.ts';
import { pdfOpener } from './pdf.ts';
import { rtfOpener } from './rtf.ts';
import { sevenZipOpener } from './seven-zip.io.ts';
import { bzip2Opener, gzipName, packedOpener, xzOpener } from './stream-openers.ts';
import { tarOpener } from './tar.ts';
import type { Item, Opener, Source } from './types.ts';
import { hasZipEnd, zipOpener } from './zip.ts';

/** Types that nothing here can open: said, not passed over. */
function* closedOpener(): Iterable<Item> {
  yield {
    kind: 'trouble',
    name: '',
    reason: 'unavailable',
    detail: 'archives of this type cannot be opened',
  };
}

function rows(types: readonly string[], opener: Opener): readonly (readonly [string, Opener])[] {
  return types.map((type) => [type, opener] as const);
}

/** Which reader opens which type. */
const OPENERS: ReadonlyMap<string, Opener> = new Map([
  ...rows(['zip', 'jar', 'apk', 'docx', 'docm', 'xlsx', 'xlsm', 'xlsb', 'pptx', 'pptm'], zipOpener),
  ...rows(['odt', 'ods', 'odp', 'epub'], zipOpener),
  ...rows(['gzip'], packedOpener('gzip', gzipName)),
  ...rows(
    ['zstd'],
    packedOpener('zstd', () => 'data'),
  ),
  ...rows(['bzip2'], bzip2Opener),
  ...rows(['xz'], xzOpener),
  ...rows(['tar'], tarOpener),
  ...rows(['ar', 'deb'], arOpener),
  ...rows(['ole', 'doc', 'xls', 'ppt', 'msg', 'msi'], compoundOpener),
  ...rows(['pdf'], pdfOpener),
  ...rows(['rtf'], rtfOpener),
  ...rows(['eml'], mailOpener),
  ...rows(['mbox'], mboxOpener),
  ...rows(['iso'], isoOpener),
  ...rows(['7z', 'rar', 'cab', 'cpio', 'rpm', 'lzh', 'arj', 'compress-z', 'udf', 'chm'], sevenZipOpener),
  ...rows(['vhd', 'vhdx', 'qcow2', 'vmdk'], sevenZipOpener),
  ...rows(['ace', 'lz4', 'tnef', 'onenote'], closedOpener),
]);

/** Whether a file of this type is looked into. */
export function hasInside(type: FileType, source: Source): boolean {
  return openerFor(type, source) !== undefined;
}

/** The reader of a file; `undefined`: there is nothing inside. */
export function openerFor(type: FileType, source: Source): Opener | undefined {
  // Programs and pictures with an archive at their end are opened by every archiver.
  return OPENERS.get(type.name) ?? (hasZipEnd(source) ? zipOpener : undefined);
}
