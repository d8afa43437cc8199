import { createHash } from 'node:crypto';
import type { HeaderParts } from './headers.ts';
import { ordinalName } from './ordinals.ts';
import { offsetOf, printable } from './sections.ts';
import type { PeBounds, PeLibrary, PeSection } from './types.ts';
import type { View } from './view.ts';

const DESCRIPTOR_BYTES = 20;
const NAME_MAX = 512;

export interface Imports {
  readonly libraries: readonly PeLibrary[];
  readonly imports: number;
  readonly imphash: string;
  /** A bound ended it. */
  readonly isCut: boolean;
}

/** The import directory: descriptors up to an empty one, each with a list of names or ordinals up to a zero. */
export function readImports(
  view: View,
  parts: HeaderParts,
  sections: readonly PeSection[],
  bounds: PeBounds,
): Imports {
  const { address } = parts.directories.import;
  const start = address === 0 ? -1 : offsetOf(address, sections, parts);
  const libraries: PeLibrary[] = [];
  const left = { symbols: bounds.importsMax };
  let isCut = false;
  const place = (rva: number): number => offsetOf(rva, sections, parts);
  for (let at = start; at >= 0; at += DESCRIPTOR_BYTES) {
    const nameAt = view.u32(at + 12);
    const first = view.u32(at + 16);
    // An empty descriptor ends the list, and so does one without a name or a table: the loader stops there.
    if (nameAt === undefined || first === undefined || nameAt === 0 || first === 0) break;
    if (libraries.length >= bounds.librariesMax || left.symbols <= 0) {
      isCut = true;
      break;
    }
    const name = view.text(place(nameAt), NAME_MAX);
    if (name === undefined || name === '') break;
    const lookup = view.u32(at) ?? 0;
    const symbols = thunks(view, parts, place, lookup === 0 ? first : lookup, left);
    const found = symbols.length === 0 && lookup !== 0 ? thunks(view, parts, place, first, left) : symbols;
    libraries.push({ name: printable(name), symbols: found });
  }
  const imports = libraries.reduce((sum, { symbols }) => sum + symbols.length, 0);
  return { libraries, imports, imphash: imphashOf(libraries), isCut };
}

function thunks(
  view: View,
  { headers }: HeaderParts,
  place: (rva: number) => number,
  table: number,
  left: { symbols: number },
): readonly string[] {
  const isWide = headers.Magic === 0x20b;
  const step = isWide ? 8 : 4;
  const symbols: string[] = [];
  for (let at = place(table); at >= 0 && left.symbols > 0; at += step) {
    const low = view.u32(at);
    const high = isWide ? view.u32(at + 4) : low;
    if (low === undefined || high === undefined || (low === 0 && high === 0)) break;
    if (high >= 0x8000_0000) symbols.push(`ord${low & 0xffff}`);
    else {
      const name = view.text(place(low) + 2, NAME_MAX);
      // A pointer into nothing ends the table: what follows is no table.
      if (place(low) < 0 || name === undefined || name === '') break;
      symbols.push(printable(name));
    }
    left.symbols--;
  }
  return symbols;
}

/** Lower case, without the ending of a library, `library.symbol` joined by commas. */
function imphashOf(libraries: readonly PeLibrary[]): string {
  const parts = libraries.flatMap(({ name, symbols }) => {
    const library = name.toLowerCase().replace(/\.(?:dll|ocx|sys)$/, '');
    return symbols.map((symbol) => {
      const ordinal = /^ord(\d+)$/.exec(symbol);
      const known = ordinal === null ? symbol : ordinalName(name.toLowerCase(), Number(ordinal[1]));
      return `${library}.${known.toLowerCase()}`;
    });
  });
  return parts.length === 0 ? '' : createHash('md5').update(parts.join(',')).digest('hex');
}
