/** Bytes that can be read anywhere; a read past the end answers fewer, never an error. */
export interface PeSource {
  readonly size: number;
  read(at: number, length: number): Uint8Array;
}

/** How much of a file is believed. Beyond a bound the answer says so in `anomalies` and stays bounded in time. */
export interface PeBounds {
  readonly sectionsMax: number;
  readonly librariesMax: number;
  readonly importsMax: number;
  readonly exportsMax: number;
  readonly resourcesMax: number;
  /** Bytes counted for the entropy of the whole file, and again for all its sections; more is sampled. */
  readonly entropyBytesMax: number;
}

/** Windows loads at most 96 sections; the others are above what the largest of 3,400 files of Debian and npm has. */
export const PE_BOUNDS: PeBounds = {
  sectionsMax: 256,
  librariesMax: 512,
  importsMax: 20_000,
  exportsMax: 2_000,
  resourcesMax: 4_096,
  entropyBytesMax: 32 * 1024 * 1024,
};

export type PeResult =
  | { readonly kind: 'pe'; readonly pe: PeFile }
  /** Why it is no PE file; nothing else can be said of it. */
  | { readonly kind: 'not-pe'; readonly why: NotPe };

export type NotPe =
  | 'no MZ at the start'
  | 'no PE signature where the DOS header says'
  | 'the headers are cut off'
  | 'neither PE32 nor PE32+';

/** Header fields by the names of the PE/COFF specification, all unsigned; 64-bit ones as doubles. */
export type PeHeaders = Readonly<Record<HeaderField, number>>;

export const DOS_FIELDS = [
  'e_magic',
  'e_cblp',
  'e_cp',
  'e_crlc',
  'e_cparhdr',
  'e_minalloc',
  'e_maxalloc',
  'e_ss',
  'e_sp',
  'e_csum',
  'e_ip',
  'e_cs',
  'e_lfarlc',
  'e_ovno',
  'e_oemid',
  'e_oeminfo',
  'e_lfanew',
] as const;
export const COFF_FIELDS = [
  'Machine',
  'NumberOfSections',
  'TimeDateStamp',
  'PointerToSymbolTable',
  'NumberOfSymbols',
  'SizeOfOptionalHeader',
  'Characteristics',
] as const;
export const OPTIONAL_FIELDS = [
  'Magic',
  'MajorLinkerVersion',
  'MinorLinkerVersion',
  'SizeOfCode',
  'SizeOfInitializedData',
  'SizeOfUninitializedData',
  'AddressOfEntryPoint',
  'BaseOfCode',
  'BaseOfData',
  'ImageBase',
  'SectionAlignment',
  'FileAlignment',
  'MajorOperatingSystemVersion',
  'MinorOperatingSystemVersion',
  'MajorImageVersion',
  'MinorImageVersion',
  'MajorSubsystemVersion',
  'MinorSubsystemVersion',
  'SizeOfImage',
  'SizeOfHeaders',
  'CheckSum',
  'Subsystem',
  'DllCharacteristics',
  'SizeOfStackReserve',
  'SizeOfStackCommit',
  'SizeOfHeapReserve',
  'SizeOfHeapCommit',
  'LoaderFlags',
  'NumberOfRvaAndSizes',
] as const;
export type HeaderField =
  | (typeof DOS_FIELDS)[number]
  | (typeof COFF_FIELDS)[number]
  | (typeof OPTIONAL_FIELDS)[number];

export interface PeSection {
  /** As it stands there, non-printable bytes escaped. */
  readonly name: string;
  readonly virtualAddress: number;
  readonly virtualSize: number;
  readonly rawOffset: number;
  readonly rawSize: number;
  readonly characteristics: number;
  /** Bits for a byte, 0 to 8, of what is really in the file. */
  readonly entropy: number;
}

/** Order of the data directories (PE/COFF, optional header data directories). */
export const DIRECTORIES = [
  'export',
  'import',
  'resource',
  'exception',
  'security',
  'relocation',
  'debug',
  'architecture',
  'globalPointer',
  'tls',
  'loadConfig',
  'boundImport',
  'iat',
  'delayImport',
  'clr',
  'reserved',
] as const;
export type DirectoryName = (typeof DIRECTORIES)[number];

export interface PeDirectory {
  /** A file offset for `security`, else relative to the image base. */
  readonly address: number;
  readonly size: number;
}

export interface PeLibrary {
  readonly name: string;
  /** Names; `ord7` where only an ordinal is given. */
  readonly symbols: readonly string[];
}

export interface PeResources {
  /** Leaves of the tree. */
  readonly count: number;
  /** Numbers of the types (RT_ICON is 3) in the order of the file; -1 for a named type. */
  readonly types: readonly number[];
  readonly bytes: number;
}

export interface PeFile {
  readonly size: number;
  readonly headers: PeHeaders;
  readonly sections: readonly PeSection[];
  readonly directories: Readonly<Record<DirectoryName, PeDirectory>>;
  readonly libraries: readonly PeLibrary[];
  /** Symbols of all libraries. */
  readonly imports: number;
  /** MD5 over libraries and symbols as Mandiant defined it; empty without imports. */
  readonly imphash: string;
  readonly exports: { readonly name: string; readonly count: number; readonly symbols: readonly string[] };
  readonly resources: PeResources;
  /** There is an Authenticode signature; nobody has checked it. */
  readonly isSigned: boolean;
  /** Bytes behind the last section, the signature counted in. */
  readonly overlay: { readonly offset: number; readonly size: number };
  /** Entries of the Rich header, 0 without one. */
  readonly richEntries: number;
  /** Place of the section that the entry point is in; -1: in none. */
  readonly entrySection: number;
  /** Bits for a byte of the whole file. */
  readonly entropy: number;
  /** Names of packers whose sections are there. */
  readonly packers: readonly string[];
  /** What does not fit together, in words; at most thirty-two. */
  readonly anomalies: readonly string[];
}
