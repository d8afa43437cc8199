/**
 * What a program imports, as a few facts: how much, from which kind of library, and functions that say what it does.
 * Names themselves are no feature, for they would tell one family or one tool from all others.
 */
import type { PeFile } from '../../protocols/pe/index.ts';

export interface ImportFact {
  readonly name: ImportFactName;
  /** 0, 1 or a small count. */
  readonly say: (value: number) => string;
}

export const IMPORT_FACT_NAMES = [
  'imports',
  'import-libraries',
  'imports-network',
  'imports-visual-basic',
  'imports-dotnet-alone',
  'imports-c-runtime',
  'imports-windows',
  'imports-registry',
  'imports-shell',
  'imports-automation',
  'imports-controls',
  'imports-by-name-later',
  'imports-input-watching',
  'imports-memory-of-others',
  'imports-starting-programs',
  'imports-downloading',
] as const;
export type ImportFactName = (typeof IMPORT_FACT_NAMES)[number];
export type ImportFacts = Readonly<Record<ImportFactName, number>>;

/** The tables cut their lists there, and so the model knows no more. */
const LIBRARIES_TEXT_MAX = 600;
const SYMBOLS_TEXT_MAX = 2_500;
/** Programs that a packer wrote import little more than what finds the rest. */
const FEW = 24;
const LIBRARIES_MAX = 16;

const LIBRARIES = {
  'imports-network': ['wininet', 'urlmon', 'wsock32', 'ws2_32', 'winhttp'],
  'imports-visual-basic': ['msvbvm60', 'msvbvm50'],
  'imports-c-runtime': ['msvcrt'],
  'imports-windows': ['user32'],
  'imports-registry': ['advapi32'],
  'imports-shell': ['shell32'],
  'imports-automation': ['oleaut32'],
  'imports-controls': ['comctl32'],
} as const;

const SYMBOLS = {
  'imports-input-watching': ['SetWindowsHook', 'GetAsyncKeyState', 'keybd_event', 'GetKeyState'],
  'imports-memory-of-others': [
    'WriteProcessMemory',
    'CreateRemoteThread',
    'VirtualAllocEx',
    'SetThreadContext',
    'ReadProcessMemory',
    'VirtualAlloc',
  ],
  'imports-starting-programs': ['ShellExecute', 'WinExec', 'CreateProcess'],
  'imports-downloading': ['URLDownloadToFile', 'InternetOpen', 'InternetReadFile'],
} as const;

/** With the endings of its two alphabets, and of its second edition. */
function variants(names: readonly string[]): ReadonlySet<string> {
  return new Set(
    names.flatMap((name) => ['', 'A', 'W', 'Ex', 'ExA', 'ExW'].map((ending) => `${name}${ending}`)),
  );
}

const SYMBOL_SETS = Object.entries(SYMBOLS).map(([name, symbols]) => [name, variants(symbols)] as const);
const LOAD = variants(['LoadLibrary']);

/** From the columns `ImportsNb`, `ImportedDlls` and `ImportedSymbols`: names with blanks between them. */
export function importFactsOfText(count: number, libraries: string, symbols: string): ImportFacts {
  return factsOf(
    count,
    libraries.slice(0, LIBRARIES_TEXT_MAX).split(' '),
    symbols.slice(0, SYMBOLS_TEXT_MAX).split(' '),
  );
}

export function importFactsOf(count: number, libraries: PeFile['libraries']): ImportFacts {
  const symbols: string[] = [];
  let room = SYMBOLS_TEXT_MAX;
  for (const library of libraries) {
    for (const symbol of library.symbols) {
      // The tables leave ordinals out.
      if (/^ord\d+$/.test(symbol)) continue;
      room -= symbol.length + 1;
      if (room < -1) break;
      symbols.push(symbol);
    }
    if (room < -1) break;
  }
  const names = libraries
    .slice(0, 64)
    .map(({ name }) => name)
    .join(' ');
  return factsOf(count, names.slice(0, LIBRARIES_TEXT_MAX).split(' '), symbols);
}

function factsOf(count: number, libraries: readonly string[], symbols: readonly string[]): ImportFacts {
  const stems = new Set(
    libraries
      .filter((name) => name !== '')
      .map((name) => name.toLowerCase().replace(/\.(?:dll|drv|ocx)$/, '')),
  );
  const facts: Partial<Record<ImportFactName, number>> = {
    imports: Math.round(Math.log2(1 + count)),
    'import-libraries': Math.min(stems.size, LIBRARIES_MAX),
    'imports-dotnet-alone': Number(stems.has('mscoree') && stems.size === 1),
    'imports-by-name-later': Number(
      count <= FEW && symbols.includes('GetProcAddress') && symbols.some((symbol) => LOAD.has(symbol)),
    ),
  };
  for (const [name, stemsOf] of Object.entries(LIBRARIES)) {
    facts[name as ImportFactName] = Number(stemsOf.some((stem) => stems.has(stem)));
  }
  for (const [name, set] of SYMBOL_SETS) {
    facts[name as ImportFactName] = Number(symbols.some((symbol) => set.has(symbol)));
  }
  // Every name of the list was given a number above.
  return facts as ImportFacts;
}

function either(name: ImportFactName, yes: string, no: string): ImportFact {
  return { name, say: (value) => (value === 1 ? yes : no) };
}

export const IMPORT_FACTS: readonly ImportFact[] = [
  {
    name: 'imports',
    say: (value) =>
      value === 0 ? 'imports no functions' : `imports about ${Math.max(1, 2 ** value - 1)} functions`,
  },
  {
    name: 'import-libraries',
    say: (value) =>
      value >= LIBRARIES_MAX
        ? `imports from ${LIBRARIES_MAX} libraries or more`
        : `imports from ${value} librar${value === 1 ? 'y' : 'ies'}`,
  },
  either('imports-network', 'imports libraries for the network', 'imports no libraries for the network'),
  either('imports-visual-basic', 'runs on Visual Basic 6', 'does not run on Visual Basic 6'),
  either('imports-dotnet-alone', 'imports the start of .NET alone', 'imports other than the start of .NET'),
  either('imports-c-runtime', 'imports the C library of Windows', 'does not import the C library of Windows'),
  either('imports-windows', 'imports functions for windows', 'imports no functions for windows'),
  either('imports-registry', 'imports registry and services', 'imports neither registry nor services'),
  either('imports-shell', 'imports the Windows shell', 'does not import the Windows shell'),
  either('imports-automation', 'imports OLE automation', 'does not import OLE automation'),
  either('imports-controls', 'imports the common controls', 'does not import the common controls'),
  either(
    'imports-by-name-later',
    'imports little more than what finds functions by name, as packed programs do',
    'imports more than what finds functions by name',
  ),
  either(
    'imports-input-watching',
    'can watch the keyboard or other windows',
    'imports nothing to watch the keyboard',
  ),
  either(
    'imports-memory-of-others',
    'imports functions that reserve or write memory as injection does',
    'imports nothing to write into other programs',
  ),
  either('imports-starting-programs', 'can start other programs', 'imports nothing to start programs'),
  either('imports-downloading', 'can download by itself', 'imports nothing to download with'),
];

/** The facts of `columns`, and what else is there, apart. */
export function withoutImportFacts<Columns extends object>(columns: Columns): Columns {
  const kept = { ...columns } as Partial<Record<ImportFactName, number>> & Columns;
  for (const name of IMPORT_FACT_NAMES) delete kept[name];
  return kept;
}

/** `undefined` where nobody wrote down what is imported. */
export function importFactsIn(columns: Partial<Record<ImportFactName, number>>): ImportFacts | undefined {
  if (columns.imports === undefined) return undefined;
  const facts = Object.fromEntries(IMPORT_FACT_NAMES.map((name) => [name, columns[name] ?? 0]));
  // Of the same list.
  return facts as ImportFacts;
}
