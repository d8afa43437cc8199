import type { HeaderParts } from './headers.ts';
import { offsetOf, printable } from './sections.ts';
import type { PeBounds, PeFile, PeResources, PeSection } from './types.ts';
import type { View } from './view.ts';

const NAME_MAX = 512;
/** Type, name, language: the tree has three levels, and no loader goes deeper. */
const DEPTH_MAX = 3;

export function readExports(
  view: View,
  parts: HeaderParts,
  sections: readonly PeSection[],
  bounds: PeBounds,
): PeFile['exports'] {
  const { address } = parts.directories.export;
  const at = address === 0 ? -1 : offsetOf(address, sections, parts);
  const count = at < 0 ? undefined : view.u32(at + 20);
  if (count === undefined) return { name: '', count: 0, symbols: [] };
  const name = view.text(offsetOf(view.u32(at + 12) ?? 0, sections, parts), NAME_MAX) ?? '';
  const named = Math.min(view.u32(at + 24) ?? 0, bounds.exportsMax);
  const names = offsetOf(view.u32(at + 32) ?? 0, sections, parts);
  const symbols: string[] = [];
  for (let index = 0; names >= 0 && index < named; index++) {
    const pointer = view.u32(names + index * 4);
    const text = pointer === undefined ? undefined : view.text(offsetOf(pointer, sections, parts), NAME_MAX);
    if (text === undefined) break;
    symbols.push(printable(text));
  }
  return { name: printable(name), count, symbols };
}

/** Leaves of the resource tree. A tree that leads back to itself ends at the depth and the count. */
export function readResources(
  view: View,
  parts: HeaderParts,
  sections: readonly PeSection[],
  bounds: PeBounds,
): PeResources & { readonly isCut: boolean } {
  const { address } = parts.directories.resource;
  const root = address === 0 ? -1 : offsetOf(address, sections, parts);
  const found = { count: 0, bytes: 0, entries: 0, types: new Set<number>() };
  const walk = (at: number, depth: number, type: number): void => {
    const named = view.u16(at + 12);
    const numbered = view.u16(at + 14);
    if (named === undefined || numbered === undefined) return;
    for (let index = 0; index < named + numbered; index++) {
      if (++found.entries > bounds.resourcesMax) return;
      const id = view.u32(at + 16 + index * 8);
      const target = view.u32(at + 20 + index * 8);
      if (id === undefined || target === undefined) return;
      const kind = depth === 0 ? (id >= 0x8000_0000 ? -1 : id & 0xffff) : type;
      if (target >= 0x8000_0000) {
        if (depth + 1 < DEPTH_MAX) walk(root + (target & 0x7fff_ffff), depth + 1, kind);
        continue;
      }
      const size = view.u32(root + target + 4);
      if (size === undefined) continue;
      found.count++;
      found.types.add(kind);
      found.bytes += Math.min(size, view.source.size);
    }
  };
  if (root >= 0) walk(root, 0, -1);
  const { count, bytes, types, entries } = found;
  return { count, bytes, types: [...types], isCut: entries > bounds.resourcesMax };
}

/** Entries of the Rich header that Microsoft's linker leaves behind the DOS program, masked by a key of its own. */
export function readRich(view: View, peAt: number): number {
  const end = Math.min(peAt, 4_096);
  for (let at = 0x80; at + 8 <= end; at += 4) {
    if (view.u32(at) !== RICH) continue;
    const key = view.u32(at + 4) ?? 0;
    for (let from = at - 4; from >= 0x40; from -= 4) {
      // Without the mask: `DanS`, then three empty words.
      if (((view.u32(from) ?? 0) ^ key) === DANS) return Math.max(0, (at - from - 16) / 8);
    }
    return 0;
  }
  return 0;
}

const RICH = 0x68_63_69_52;
const DANS = 0x53_6e_61_44;
