import {
  COFF_FIELDS,
  DOS_FIELDS,
  OPTIONAL_FIELDS,
  type HeaderField,
  type PeFile,
} from '../../protocols/pe/index.ts';
import { type ImportFactName, importFactsOf, importFactsOfText } from './pe-imports.ts';

/** Names as tables of PE features write them; sizes in bytes, entropies in bits for a byte. */
export type PeColumn = HeaderField | (typeof OTHER_COLUMNS)[number];
export type PeColumns = Readonly<Partial<Record<PeColumn | ImportFactName | 'isInstaller', number>>>;

const OTHER_COLUMNS = [
  'filesize',
  'E_file',
  'SectionsMaxEntropy',
  'SecurityDirSize',
  'ImportsNb',
  'ImportsNbDLL',
] as const;
const COLUMNS: readonly PeColumn[] = [...DOS_FIELDS, ...COFF_FIELDS, ...OPTIONAL_FIELDS, ...OTHER_COLUMNS];

export function columnsOf(pe: PeFile): PeColumns {
  return {
    ...pe.headers,
    filesize: pe.size,
    E_file: pe.entropy,
    SectionsMaxEntropy: Math.max(0, ...pe.sections.map(({ entropy }) => entropy)),
    SecurityDirSize: pe.directories.security.size,
    ImportsNb: pe.imports,
    ImportsNbDLL: pe.libraries.length,
    isInstaller: Number(isInstaller(pe.sections.map(({ name }) => name))),
    ...importFactsOf(pe.imports, pe.libraries),
  };
}

/** Columns of a row of any table; numbers may come as text, and what is empty or no number is missing. */
export function readColumns(row: Readonly<Record<string, unknown>>): PeColumns {
  const columns: Partial<Record<keyof PeColumns, number>> = {};
  const names = row['SectionNames'];
  if (typeof names === 'string') columns.isInstaller = Number(isInstaller(names.slice(0, 4_096).split(' ')));
  for (const name of COLUMNS) {
    const value = numberOf(row[name]);
    if (value !== undefined) columns[name] = value;
  }
  const { ImportedDlls: libraries, ImportedSymbols: symbols } = row;
  if (typeof libraries === 'string' && typeof symbols === 'string' && columns.ImportsNb !== undefined) {
    Object.assign(columns, importFactsOfText(columns.ImportsNb, libraries, symbols));
  }
  return 'FH_char0' in row ? fromFlags(row, columns) : columns;
}

/** NSIS keeps the variables of its script in a section of that name. */
function isInstaller(sectionNames: readonly string[]): boolean {
  return sectionNames.includes('.ndata');
}

function numberOf(given: unknown): number | undefined {
  if (typeof given === 'number') return Number.isFinite(given) && given >= 0 ? given : undefined;
  if (typeof given !== 'string' || given.trim() === '' || given.length > 32) return undefined;
  const value = Number(given);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** Bits behind FH_char0 … 14 and OH_DLLchar0 … of ClaMP's integrated table, where 0x40 and 0x1000 have no column. */
const FILE_FLAGS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const LIBRARY_FLAGS = [6, 7, 8, 9, 10, 11, 13, 15];
/** There these say only whether the value is a usual one. */
const FLAGGED: readonly PeColumn[] = [
  'ImageBase',
  'SectionAlignment',
  'FileAlignment',
  'SizeOfImage',
  'SizeOfHeaders',
  'LoaderFlags',
];

function fromFlags(row: Readonly<Record<string, unknown>>, columns: PeColumns): PeColumns {
  const kept: Partial<Record<keyof PeColumns, number>> = { ...columns };
  for (const name of FLAGGED) delete kept[name];
  kept.Characteristics = bitsOf(row, 'FH_char', FILE_FLAGS);
  kept.DllCharacteristics = bitsOf(row, 'OH_DLLchar', LIBRARY_FLAGS);
  return kept;
}

function bitsOf(row: Readonly<Record<string, unknown>>, prefix: string, bits: readonly number[]): number {
  return bits.reduce((sum, bit, at) => sum + (numberOf(row[`${prefix}${at}`]) === 1 ? 2 ** bit : 0), 0);
}
