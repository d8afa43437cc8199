import { entropyOf } from './entropy.ts';
import type { HeaderParts } from './headers.ts';
import type { PeBounds, PeSection } from './types.ts';
import type { View } from './view.ts';

const HEADER_BYTES = 40;
/** Also a section that comes when the budget is spent is looked at a little. */
const LEAST_BYTES = 64 * 1024;

/** Sections as far as their headers are in the file. Those that lie over each other share one budget of bytes. */
export function readSections(view: View, parts: HeaderParts, bounds: PeBounds): readonly PeSection[] {
  const count = Math.min(parts.headers.NumberOfSections, bounds.sectionsMax);
  const sections: PeSection[] = [];
  let budget = bounds.entropyBytesMax;
  for (let index = 0; index < count; index++) {
    const at = parts.sectionsAt + index * HEADER_BYTES;
    const characteristics = view.u32(at + 36);
    if (characteristics === undefined) break;
    const rawSize = view.u32(at + 16) ?? 0;
    const rawOffset = view.u32(at + 20) ?? 0;
    const name = printable(view.text(at, 8) ?? '');
    const virtualSize = view.u32(at + 8) ?? 0;
    const virtualAddress = view.u32(at + 12) ?? 0;
    const counted = Math.min(rawSize, Math.max(0, view.source.size - rawOffset));
    const entropy = entropyOf(view.source, rawOffset, counted, Math.max(budget, LEAST_BYTES));
    budget = Math.max(0, budget - counted);
    sections.push({ name, virtualAddress, virtualSize, rawOffset, rawSize, characteristics, entropy });
  }
  return sections;
}

/** For logs and answers: nothing that a terminal or a page could take for more than a name. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Where in the file an address of the image is; -1: nowhere. */
export function offsetOf(rva: number, sections: readonly PeSection[], { headers }: HeaderParts): number {
  for (const { virtualAddress, virtualSize, rawOffset, rawSize } of sections) {
    if (rva < virtualAddress || rva >= virtualAddress + Math.max(virtualSize, rawSize)) continue;
    // Windows rounds the offset down to a sector, whatever the alignment says.
    const start = headers.FileAlignment < 0x200 ? rawOffset : rawOffset - (rawOffset % 0x200);
    return start + (rva - virtualAddress);
  }
  return rva < headers.SizeOfHeaders || sections.length === 0 ? rva : -1;
}

export function sectionAt(rva: number, sections: readonly PeSection[]): number {
  return sections.findIndex(
    ({ virtualAddress, virtualSize, rawSize }) =>
      rva >= virtualAddress && rva < virtualAddress + Math.max(virtualSize, rawSize),
  );
}
