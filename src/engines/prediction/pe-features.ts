import type { PeColumn, PeColumns } from './pe-columns.ts';
import { IMPORT_FACTS } from './pe-imports.ts';

/** A number that the model is asked with, and how people are told of it. NaN: not known. */
export interface PeFeature {
  readonly name: string;
  readonly of: (columns: PeColumns) => number;
  /** A clause without a subject, for example `has no address randomization`. */
  readonly say: (value: number) => string;
}

/** Steps of half an octave: exact sizes would tell one file, or one build of one tool, from all others. */
function octaves(value: number | undefined): number {
  return value === undefined ? Number.NaN : Math.round(Math.log2(1 + Math.min(value, 2 ** 40)) * 2) / 2;
}

function share(some: number | undefined, whole: number | undefined): number {
  if (some === undefined || whole === undefined) return Number.NaN;
  return Math.round((Math.min(some / Math.max(whole, 1), 4) + Number.EPSILON) * 20) / 20;
}

function bit(value: number | undefined, mask: number): number {
  return value === undefined ? Number.NaN : (value & mask) === 0 ? 0 : 1;
}

function known(value: number | undefined, answer: (value: number) => number): number {
  return value === undefined ? Number.NaN : answer(value);
}

function flag(
  name: string,
  column: PeColumn,
  mask: number,
  words: readonly [yes: string, no: string],
): PeFeature {
  return {
    name,
    of: (columns) => bit(columns[column], mask),
    say: (value) => (value === 1 ? words[0] : words[1]),
  };
}

function test(
  name: string,
  column: PeColumn,
  holds: (value: number) => boolean,
  words: readonly [yes: string, no: string],
): PeFeature {
  return {
    name,
    of: (columns) => known(columns[column], (value) => Number(holds(value))),
    say: (value) => (value === 1 ? words[0] : words[1]),
  };
}

function size(name: string, column: PeColumn, words: string): PeFeature {
  return { name, of: (columns) => octaves(columns[column]), say: (value) => `${words} ${bytes(value)}` };
}

function part(name: string, of: PeColumn, whole: PeColumn, words: string): PeFeature {
  return {
    name,
    of: (columns) => share(columns[of], columns[whole]),
    say: (value) => words.replace('PART', `${Math.round(value * 100)} %`),
  };
}

/** What the headers say that the file holds. */
function contentOf({ SizeOfHeaders, SizeOfCode, SizeOfInitializedData }: PeColumns): number | undefined {
  if (SizeOfHeaders === undefined || SizeOfCode === undefined || SizeOfInitializedData === undefined)
    return undefined;
  return SizeOfHeaders + SizeOfCode + SizeOfInitializedData;
}

function bytes(octave: number): string {
  const value = 2 ** octave;
  if (octave === 0) return '0 bytes';
  if (value < 1024) return `about ${Math.round(value)} bytes`;
  if (value < 1024 ** 2) return `about ${Math.round(value / 1024)} KB`;
  return `about ${(value / 1024 ** 2).toFixed(value < 10 * 1024 ** 2 ? 1 : 0)} MB`;
}

const USUAL_BASES = new Set([0x40_0000, 0x1000_0000, 0x1_4000_0000, 0x1_8000_0000, 0x1_0000]);

/**
 * Only what means the same in every table and is no fingerprint of an extractor or of the day: no time stamps, no
 * exact sizes, no versions of linkers.
 */
export const PE_FEATURES: readonly PeFeature[] = [
  flag('library', 'Characteristics', 0x2000, ['is a library', 'is a program, not a library']),
  flag('no-relocations', 'Characteristics', 0x1, [
    'cannot be moved in memory (relocations stripped)',
    'can be moved in memory',
  ]),
  flag('no-line-numbers', 'Characteristics', 0x4, [
    'says that line numbers were stripped',
    'does not say that line numbers were stripped',
  ]),
  flag('no-local-symbols', 'Characteristics', 0x8, [
    'says that local symbols were stripped',
    'does not say that local symbols were stripped',
  ]),
  flag('large-addresses', 'Characteristics', 0x20, [
    'can use addresses above 2 GB',
    'cannot use addresses above 2 GB',
  ]),
  flag('32-bit', 'Characteristics', 0x100, [
    'is marked for 32-bit machines',
    'is not marked for 32-bit machines',
  ]),
  flag('no-debug', 'Characteristics', 0x200, [
    'says that debugging information was stripped',
    'does not say that debugging information was stripped',
  ]),
  flag('bytes-reversed', 'Characteristics', 0x8080, [
    'has flags that Delphi and old Borland compilers set',
    'has no flags of Delphi and old Borland compilers',
  ]),
  test('aslr', 'DllCharacteristics', (value) => (value & 0x40) !== 0, [
    'allows address randomization',
    'has no address randomization',
  ]),
  flag('nx', 'DllCharacteristics', 0x100, [
    'forbids running data as code',
    'does not forbid running data as code',
  ]),
  flag('no-seh', 'DllCharacteristics', 0x400, [
    'uses no structured exceptions',
    'may use structured exceptions',
  ]),
  flag('terminal-server', 'DllCharacteristics', 0x8000, [
    'is made for terminal servers',
    'is not marked for terminal servers',
  ]),
  flag('high-entropy-addresses', 'DllCharacteristics', 0x20, [
    'uses 64-bit address randomization',
    'uses no 64-bit address randomization',
  ]),
  flag('control-flow-guard', 'DllCharacteristics', 0x4000, [
    'has control-flow guard',
    'has no control-flow guard',
  ]),
  test('no-protections', 'DllCharacteristics', (value) => value === 0, [
    'has no protection flag at all',
    'has protection flags',
  ]),
  test('64-bit', 'Magic', (value) => value === 0x20b, ['is a 64-bit image', 'is a 32-bit image']),
  {
    name: 'sections',
    of: ({ NumberOfSections: value }) => known(value, (count) => Math.min(count, 12)),
    say: (value) =>
      value >= 12 ? 'has twelve sections or more' : `has ${value} section${value === 1 ? '' : 's'}`,
  },
  {
    name: 'image-base',
    of: ({ ImageBase: value }) =>
      known(value, (base) =>
        base === 0x40_0000 ? 1 : USUAL_BASES.has(base) ? 2 : base === 0 ? 3 : base % 0x1_0000 === 0 ? 4 : 0,
      ),
    say: (value) =>
      [
        'has an image base that is not aligned',
        'has the default image base of programs',
        'has a default image base of libraries or 64-bit programs',
        'has no image base',
        'has an image base of its own',
      ][value] ?? '',
  },
  test('page-file-alignment', 'FileAlignment', (value) => value >= 0x1000, [
    'has its sections on pages of the file',
    'has its sections on sectors of the file',
  ]),
  test('odd-file-alignment', 'FileAlignment', (value) => value < 0x200, [
    'has an unusual file alignment',
    'has a usual file alignment',
  ]),
  {
    name: 'code-base',
    of: ({ BaseOfCode: value }) =>
      known(value, (base) => (base === 0x1000 ? 1 : base === 0x2000 ? 2 : base < 0x1000 ? 0 : 3)),
    say: (value) =>
      [
        'has its code before the first page',
        'has its code on the first page',
        'has its code on the second page (.NET)',
        'has its code far behind the start',
      ][value] ?? '',
  },
  size('code', 'SizeOfCode', 'has code of'),
  size('data', 'SizeOfInitializedData', 'has data of'),
  size('empty-data', 'SizeOfUninitializedData', 'reserves empty data of'),
  size('image', 'SizeOfImage', 'takes memory of'),
  size('headers', 'SizeOfHeaders', 'has headers of'),
  part('code-share', 'SizeOfCode', 'SizeOfImage', 'its code is PART of its image in memory'),
  part('data-share', 'SizeOfInitializedData', 'SizeOfImage', 'its data is PART of its image in memory'),
  part(
    'empty-share',
    'SizeOfUninitializedData',
    'SizeOfImage',
    'its empty data is PART of its image in memory',
  ),
  part('code-place', 'BaseOfCode', 'SizeOfImage', 'its code begins at PART of its image in memory'),
  {
    name: 'content-share',
    of: (columns) => share(contentOf(columns), columns.SizeOfImage),
    say: (value) => `code and data are ${Math.round(value * 100)} % of its image in memory`,
  },
  {
    name: 'odd-sizes',
    of: ({ SizeOfCode: code, SizeOfImage: image, SizeOfInitializedData: data, FileAlignment: step }) =>
      code === undefined || image === undefined || data === undefined || step === undefined
        ? Number.NaN
        : Number(code % 512 !== 0) + Number(data % 512 !== 0) + Number(image % 4096 !== 0),
    say: (value) =>
      value === 0 ? 'has sizes as linkers write them' : 'has sizes that no usual linker writes',
  },
  test('odd-directories', 'NumberOfRvaAndSizes', (value) => value !== 16, [
    'has an unusual number of data directories',
    'has the usual data directories',
  ]),
  test('symbols', 'NumberOfSymbols', (value) => value > 0, ['has a symbol table', 'has no symbol table']),
  {
    name: 'subsystem',
    of: ({ Subsystem: value }) =>
      known(value, (kind) => (kind >= 10 && kind <= 13 ? 10 : Math.min(kind, 14))),
    say: (value) =>
      ({
        1: 'is a driver',
        2: 'is a program with windows',
        3: 'is a console program',
        10: 'runs before the operating system (EFI)',
      })[value] ?? 'is for an unusual subsystem',
  },
  test('no-entry', 'AddressOfEntryPoint', (value) => value === 0, [
    'has no entry point',
    'has an entry point',
  ]),
  {
    name: 'entry-place',
    of: ({ AddressOfEntryPoint: entry, BaseOfCode: base, SizeOfCode: code }) =>
      entry === undefined || base === undefined || code === undefined || entry === 0
        ? Number.NaN
        : entry < base
          ? -0.1
          : Math.round(Math.min((entry - base) / Math.max(code, 1), 1.5) * 10) / 10,
    say: (value) =>
      value < 0
        ? 'starts before its code'
        : value > 1
          ? 'starts behind its code'
          : `starts ${Math.round(value * 100)} % of the way through its code`,
  },
  test('checksum', 'CheckSum', (value) => value !== 0, ['has a checksum', 'has no checksum']),
  size('file', 'filesize', 'is a file of'),
  {
    name: 'behind-sections',
    of: (columns) => share(columns.filesize, contentOf(columns)),
    say: (value) =>
      value > 1.2 ? 'holds much that its headers do not describe' : 'holds what its headers describe',
  },
  part('file-share', 'filesize', 'SizeOfImage', 'the file is PART of its image in memory'),
  {
    name: 'entropy',
    of: ({ E_file: value }) => known(value, (entropy) => Math.round(entropy * 10) / 10),
    say: (value) =>
      value >= 7.2
        ? `looks packed or encrypted (entropy ${value.toFixed(1)} of 8)`
        : value < 5.5
          ? `has plain content (entropy ${value.toFixed(1)} of 8)`
          : `has ordinary content (entropy ${value.toFixed(1)} of 8)`,
  },
  ...IMPORT_FACTS.map(({ name, say }): PeFeature => ({
    name,
    say,
    of: (columns) => columns[name] ?? Number.NaN,
  })),
];

export const PE_FEATURE_NAMES: readonly string[] = PE_FEATURES.map(({ name }) => name);

export function peVector(columns: PeColumns): Float64Array {
  return Float64Array.from(PE_FEATURES, ({ of }) => of(columns));
}
