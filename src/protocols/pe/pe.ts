import { readExports, readResources, readRich } from './directories.ts';
import { entropyOf } from './entropy.ts';
import { readHeaders, type HeaderParts } from './headers.ts';
import { readImports } from './imports.ts';
import { packersOf } from './packers.ts';
import { readSections, sectionAt } from './sections.ts';
import {
  PE_BOUNDS,
  type PeBounds,
  type PeFile,
  type PeResult,
  type PeSection,
  type PeSource,
} from './types.ts';
import { View } from './view.ts';

/**
 * Reads a portable executable (Microsoft PE/COFF specification) and believes nothing in it: every count, offset and
 * depth is bounded, every pointer may lead nowhere. Never throws; the time is bounded by `bounds`, not by the file.
 */
export function readPe(source: PeSource, bounds: PeBounds = PE_BOUNDS): PeResult {
  const view = new View(source);
  const parts = readHeaders(view);
  if (typeof parts === 'string') return { kind: 'not-pe', why: parts };
  const { headers, directories } = parts;
  const sections = readSections(view, parts, bounds);
  const imports = readImports(view, parts, sections, bounds);
  const resources = readResources(view, parts, sections, bounds);
  const { security } = directories;
  const overlayAt = overlayOf(sections, parts, source.size);
  const pe: PeFile = {
    size: source.size,
    headers,
    sections,
    directories,
    libraries: imports.libraries,
    imports: imports.imports,
    imphash: imports.imphash,
    exports: readExports(view, parts, sections, bounds),
    resources: { count: resources.count, types: resources.types, bytes: resources.bytes },
    isSigned: security.size > 8 && security.address > 0 && security.address + security.size <= source.size,
    overlay: { offset: overlayAt, size: source.size - overlayAt },
    richEntries: readRich(view, headers.e_lfanew),
    entrySection: sectionAt(headers.AddressOfEntryPoint, sections),
    entropy: entropyOf(source, 0, source.size, bounds.entropyBytesMax),
    packers: packersOf(sections.map(({ name }) => name)),
    anomalies: anomaliesOf(parts, sections, source.size, [
      ...(imports.isCut ? ['more imports than are read'] : []),
      ...(resources.isCut ? ['more resources than are read'] : []),
    ]),
  };
  return { kind: 'pe', pe };
}

/** What no header speaks of begins behind the last byte of any section. */
function overlayOf(sections: readonly PeSection[], { headers }: HeaderParts, size: number): number {
  let end = headers.e_lfanew + 24 + headers.SizeOfOptionalHeader;
  for (const { rawOffset, rawSize } of sections) {
    if (rawSize > 0 && rawOffset + rawSize <= size) end = Math.max(end, rawOffset + rawSize);
  }
  return Math.min(end, size);
}

const ANOMALIES_MAX = 32;
const EXECUTE = 0x2000_0000;
const WRITE = 0x8000_0000;

function anomaliesOf(
  { headers }: HeaderParts,
  sections: readonly PeSection[],
  size: number,
  more: readonly string[],
): readonly string[] {
  const found = [...more];
  if (sections.length < headers.NumberOfSections) found.push('fewer sections than the header says');
  if (headers.NumberOfRvaAndSizes !== 16) found.push('an unusual number of data directories');
  const byPlace = sections.filter(({ rawSize }) => rawSize > 0).toSorted((a, b) => a.rawOffset - b.rawOffset);
  for (const [at, { name, rawOffset, rawSize, characteristics }] of byPlace.entries()) {
    const next = byPlace[at + 1];
    if (rawOffset + rawSize > size) found.push(`section ${name} ends behind the file`);
    if (next !== undefined && rawOffset + rawSize > next.rawOffset) {
      found.push(`sections ${name} and ${next.name} lie over each other`);
    }
    if ((characteristics & EXECUTE) !== 0 && characteristics >= WRITE) {
      found.push(`section ${name} can be written and run`);
    }
  }
  const isLibrary = (headers.Characteristics & 0x2000) !== 0;
  if (headers.AddressOfEntryPoint !== 0 && sectionAt(headers.AddressOfEntryPoint, sections) < 0) {
    found.push('the entry point is in no section');
  } else if (headers.AddressOfEntryPoint === 0 && !isLibrary) found.push('a program without an entry point');
  return found.slice(0, ANOMALIES_MAX);
}
