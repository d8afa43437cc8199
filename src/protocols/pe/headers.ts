import {
  COFF_FIELDS,
  DIRECTORIES,
  DOS_FIELDS,
  OPTIONAL_FIELDS,
  type DirectoryName,
  type HeaderField,
  type NotPe,
  type PeDirectory,
  type PeHeaders,
} from './types.ts';
import type { View } from './view.ts';

export interface HeaderParts {
  readonly headers: PeHeaders;
  readonly directories: Readonly<Record<DirectoryName, PeDirectory>>;
  readonly sectionsAt: number;
}

const PE32 = 0x10b;
const PE32_PLUS = 0x20b;
const DOS_OFFSETS: Readonly<Record<(typeof DOS_FIELDS)[number], number>> = {
  e_magic: 0,
  e_cblp: 2,
  e_cp: 4,
  e_crlc: 6,
  e_cparhdr: 8,
  e_minalloc: 10,
  e_maxalloc: 12,
  e_ss: 14,
  e_sp: 16,
  e_csum: 18,
  e_ip: 20,
  e_cs: 22,
  e_lfarlc: 24,
  e_ovno: 26,
  e_oemid: 36,
  e_oeminfo: 38,
  e_lfanew: 60,
};

/** Widths in bytes; `p` is four in PE32 and eight in PE32+ (PE/COFF, optional header). */
const WIDTHS: Readonly<Record<string, 1 | 2 | 4 | 'p'>> = {
  Machine: 2,
  NumberOfSections: 2,
  SizeOfOptionalHeader: 2,
  Characteristics: 2,
  Magic: 2,
  MajorLinkerVersion: 1,
  MinorLinkerVersion: 1,
  ImageBase: 'p',
  MajorOperatingSystemVersion: 2,
  MinorOperatingSystemVersion: 2,
  MajorImageVersion: 2,
  MinorImageVersion: 2,
  MajorSubsystemVersion: 2,
  MinorSubsystemVersion: 2,
  Subsystem: 2,
  DllCharacteristics: 2,
  SizeOfStackReserve: 'p',
  SizeOfStackCommit: 'p',
  SizeOfHeapReserve: 'p',
  SizeOfHeapCommit: 'p',
};

export function readHeaders(view: View): HeaderParts | NotPe {
  const start = view.u16(0);
  if (start !== 0x5a4d) return 'no MZ at the start';
  const at = view.u32(60);
  if (at === undefined) return 'the headers are cut off';
  if (view.u32(at) !== 0x4550) return 'no PE signature where the DOS header says';
  const fields: Partial<Record<HeaderField, number>> = {};
  for (const name of DOS_FIELDS) fields[name] = view.u16(DOS_OFFSETS[name]) ?? 0;
  fields.e_lfanew = at;
  let place = at + 4;
  for (const name of COFF_FIELDS) place = take(view, fields, name, place, 4);
  const optionalAt = place;
  const magic = view.u16(optionalAt);
  if (magic === undefined) return 'the headers are cut off';
  if (magic !== PE32 && magic !== PE32_PLUS) return 'neither PE32 nor PE32+';
  for (const name of OPTIONAL_FIELDS) {
    // Between the versions and the size stands Win32VersionValue, reserved.
    if (name === 'SizeOfImage') place += 4;
    if (name === 'BaseOfData' && magic === PE32_PLUS) fields[name] = 0;
    else place = take(view, fields, name, place, magic === PE32 ? 4 : 8);
  }
  // The last field that Windows itself needs.
  if (view.u32(place - 4) === undefined) return 'the headers are cut off';
  // Every name of the three lists was set above.
  const headers = fields as PeHeaders;
  return {
    headers,
    directories: directoriesOf(view, place, headers.NumberOfRvaAndSizes),
    sectionsAt: optionalAt + headers.SizeOfOptionalHeader,
  };
}

function take(
  view: View,
  fields: Partial<Record<HeaderField, number>>,
  name: HeaderField,
  at: number,
  pointer: number,
): number {
  const given = WIDTHS[name] ?? 4;
  const width = given === 'p' ? pointer : given;
  const value =
    width === 8
      ? view.u64(at)
      : width === 4
        ? view.u32(at)
        : width === 2
          ? view.u16(at)
          : lowByte(view.u16(at));
  fields[name] = value ?? 0;
  return at + width;
}

function lowByte(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value & 0xff;
}

/** Sixteen are known; a larger count is the file's own business. */
function directoriesOf(view: View, at: number, count: number): HeaderParts['directories'] {
  return Object.fromEntries(
    DIRECTORIES.map((name, index): [DirectoryName, PeDirectory] => [
      name,
      index < count
        ? { address: view.u32(at + index * 8) ?? 0, size: view.u32(at + index * 8 + 4) ?? 0 }
        : { address: 0, size: 0 },
    ]),
    // One entry for each name.
  ) as Record<DirectoryName, PeDirectory>;
}
