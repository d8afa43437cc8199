import type { FileType } from '../../kernel/index.ts';
import { arOpener } from './ar.ts';
import { blobsOpener, hasBlobs } from './blobs.ts';
import { activeMimeOpener, appendedOpener, hasAppended, oneNoteOpener } from './carved.ts';
import { compoundOpener } from './compound.ts';
import { discOpener } from './disc.ts';
import { lz4Opener } from './lz4.ts';
import { mailOpener, mboxOpener } from './mail.ts';
import { pdfOpener } from './pdf.ts';
import { rtfOpener } from './rtf.ts';
import { sevenZipOpener } from './seven-zip.io.ts';
import { bzip2Opener, gzipName, packedOpener, xzOpener } from './stream-openers.ts';
import { tarOpener } from './tar.ts';
import { tnefOpener } from './tnef.ts';
import type { Item, OpenBounds, Opener, Source } from './types.ts';
import { hasZipEnd, zipOpener } from './zip.ts';

/** Types that nothing here can open: said, not passed over. */
function* closedOpener(): Iterable<Item> {
  yield {
    kind: 'trouble',
    name: '',
    reason: 'unsupported',
    detail: 'archives of this type cannot be opened',
  };
}

function rows(types: readonly string[], opener: Opener): readonly (readonly [string, Opener])[] {
  return types.map((type) => [type, opener] as const);
}

/** Which reader opens which type. */
const OPENERS: ReadonlyMap<string, Opener> = new Map([
  ...rows(['zip', 'jar', 'apk', 'docx', 'docm', 'xlsx', 'xlsm', 'xlsb', 'pptx', 'pptm'], wholeZip),
  ...rows(['odt', 'ods', 'odp', 'epub'], wholeZip),
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
  ...rows(['iso'], discOpener),
  ...rows(['lz4'], lz4Opener),
  ...rows(['tnef'], tnefOpener),
  ...rows(['onenote'], oneNoteOpener),
  ...rows(['activemime'], activeMimeOpener),
  ...rows(['7z', 'rar', 'cab', 'cpio', 'rpm', 'lzh', 'arj', 'compress-z', 'udf', 'chm'], sevenZipOpener),
  ...rows(['lzma', 'mslz', 'wim', 'xar'], sevenZipOpener),
  ...rows(['vhd', 'vhdx', 'qcow2', 'vmdk', 'vdi', 'dmg', 'squashfs', 'disk'], sevenZipOpener),
  ...rows(['ace', 'other-archive'], closedOpener),
]);

/** Texts that may carry files in themselves. */
const CARRIERS: ReadonlySet<string> = new Set([
  'html',
  'hta',
  'svg',
  'xml',
  'json',
  'text',
  'javascript',
  'vbscript',
  'powershell',
  'batch',
  'php',
  'shell',
  'python',
  'perl',
]);
const PROGRAMS: ReadonlySet<string> = new Set(['pe', 'dos', 'elf', 'macho']);

/** A ZIP, and by 7-Zip what is packed in ways that nothing of our own undoes. */
async function* wholeZip(source: Source, bounds: OpenBounds): AsyncIterable<Item> {
  const rare = { entries: 0 };
  yield* zipOpener(source, bounds, rare);
  if (rare.entries > 0) yield* sevenZipOpener(source, bounds);
}

/** Whether a file of this type is looked into. */
export function hasInside(type: FileType, source: Source): boolean {
  return openerFor(type, source) !== undefined;
}

/** The reader of a file; `undefined`: there is nothing inside. */
export function openerFor(type: FileType, source: Source): Opener | undefined {
  // Programs and pictures with an archive at their end are opened by every archiver.
  const opener = OPENERS.get(type.name) ?? (hasZipEnd(source) ? wholeZip : undefined);
  if (opener !== undefined) return opener;
  if (CARRIERS.has(type.name)) return hasBlobs(source) ? blobsOpener : undefined;
  return PROGRAMS.has(type.name) && hasAppended(source) ? appendedOpener : undefined;
}
