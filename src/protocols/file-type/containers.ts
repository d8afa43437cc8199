import type { FileTypeName } from './types.ts';

/** What a ZIP really is, by the names of its entries near the beginning and in its directory at the end. */
export function zipType(start: Buffer, end: Buffer): FileTypeName {
  // OpenDocument and EPUB: an entry `mimetype` comes first, not compressed (ODF 1.3 part 2 §3.3, OCF 3.3 §4.2).
  if (start.toString('latin1', 30, 38) === 'mimetype') {
    const media = start.toString('latin1', 38, 120);
    for (const [text, type] of MIMETYPES) if (media.startsWith(text)) return type;
  }
  const has = (name: string): boolean => start.includes(name, 0, 'latin1') || end.includes(name, 0, 'latin1');
  if (has('[Content_Types].xml')) {
    const macros = has('vbaProject.bin');
    if (has('word/')) return macros ? 'docm' : 'docx';
    if (has('xl/workbook.bin')) return 'xlsb';
    if (has('xl/')) return macros ? 'xlsm' : 'xlsx';
    if (has('ppt/')) return macros ? 'pptm' : 'pptx';
  }
  if (has('AndroidManifest.xml')) return 'apk';
  return has('META-INF/MANIFEST.MF') ? 'jar' : 'zip';
}

const MIMETYPES: readonly (readonly [string, FileTypeName])[] = [
  ['application/vnd.oasis.opendocument.text', 'odt'],
  ['application/vnd.oasis.opendocument.spreadsheet', 'ods'],
  ['application/vnd.oasis.opendocument.presentation', 'odp'],
  ['application/epub+zip', 'epub'],
];

/** What a compound file ([MS-CFB]) holds, by names of streams in what is there of its directory. */
export function oleType(start: Buffer, end: Buffer): FileTypeName {
  const has = (name: string): boolean => {
    const wide = Buffer.from(name, 'utf16le');
    return start.includes(wide) || end.includes(wide);
  };
  if (has('WordDocument')) return 'doc';
  if (has('Workbook') || has('Book\0')) return 'xls';
  if (has('PowerPoint Document')) return 'ppt';
  if (has('__properties_version1.0')) return 'msg';
  // The names of the tables of an installer are packed into characters from U+3800 on; its root class id is fixed.
  return start.includes(MSI_CLASS) ? 'msi' : 'ole';
}

const MSI_CLASS = Buffer.from('84100c0000000000c000000000000046', 'hex');

/** `MZ`: a PE file where the header says that one follows, else a program for DOS. */
export function mzType(start: Buffer): FileTypeName {
  if (start.length < 64) return 'dos';
  const at = start.readUInt32LE(60);
  // Beyond what we see: the header of a PE may stand anywhere, and a DOS program has small values there.
  if (at >= start.length - 4) return at > 64 && at < 0x1000_0000 ? 'pe' : 'dos';
  return start.toString('latin1', at, at + 4) === 'PE\0\0' ? 'pe' : 'dos';
}

/** `CAFEBABE` begins Java classes and universal programs of macOS; the next number tells them apart. */
export function cafeBabeType(start: Buffer): FileTypeName {
  if (start.length < 8) return 'unknown';
  return start.readUInt32BE(4) < 40 ? 'macho' : 'java-class';
}
