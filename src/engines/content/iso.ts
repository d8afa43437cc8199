import { piecesOf } from './source.ts';
import type { Item, OpenBounds, Sink, Source, Trouble } from './types.ts';

/** ISO 9660 (ECMA-119): sectors of 2048 bytes, volume descriptors from sector 16 on, folders as lists of records. */
const SECTOR = 2048;
const FIRST_DESCRIPTOR = 16;
const DESCRIPTORS_MAX = 32;
const FOLDERS_DEEP_MAX = 64;
/** A folder of 10,000 files has about one megabyte. */
const FOLDER_BYTES_MAX = 16 * 1024 * 1024;

interface Folder {
  readonly path: string;
  readonly at: number;
  readonly bytes: number;
  readonly depth: number;
}

/**
 * Files of a disk image. Each system shows the tree that it likes best, so all of them are read: that of Joliet first,
 * for its long names; of the others what the trees before have not.
 */
export function* isoOpener(source: Source, bounds: OpenBounds): Iterable<Item> {
  const roots = rootFolders(source);
  if (roots.length === 0) {
    yield { kind: 'trouble', name: '', reason: 'damaged', detail: 'it has no volume descriptor' };
    return;
  }
  const before = new Set<string>();
  let folders = 0;
  let cut = false;
  for (const root of roots) {
    const own: string[] = [];
    const seen = new Set<number>();
    const open: Folder[] = [root.folder];
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      if (bounds.expired()) return;
      if (seen.has(folder.at)) continue;
      seen.add(folder.at);
      folders++;
      for (const record of recordsOf(source, folder, root.wide)) {
        const path = folder.path === '' ? record.name : `${folder.path}/${record.name}`;
        if (record.isFolder) {
          if (folder.depth >= FOLDERS_DEEP_MAX || open.length + folders > bounds.entriesMax) cut = true;
          else open.push({ ...record, path, depth: folder.depth + 1 });
          continue;
        }
        const place = `${record.at} ${record.bytes}`;
        if (before.has(place)) continue;
        own.push(place);
        yield fileItem(source, path, record);
      }
    }
    for (const place of own) before.add(place);
  }
  if (cut)
    yield { kind: 'trouble', name: '', reason: 'limit', detail: 'it has too many folders, or too deep ones' };
}

function fileItem(source: Source, name: string, { at, bytes }: FileRecord): Item {
  const read = (sink: Sink): Trouble | undefined => {
    let left = bytes;
    for (const piece of piecesOf(source, at, Math.min(bytes, source.size))) {
      left -= piece.length;
      if (!sink(piece)) return undefined;
    }
    return left > 0 ? { reason: 'damaged', detail: 'the file lies outside the image' } : undefined;
  };
  return { kind: 'member', member: { name, read } };
}

/** Those of Joliet, whose names are in UTF-16 and 64 characters long, then those of the other descriptors. */
function rootFolders(source: Source): readonly { readonly folder: Folder; readonly wide: boolean }[] {
  const found: { folder: Folder; wide: boolean }[] = [];
  for (let number = 0; number < DESCRIPTORS_MAX; number++) {
    const descriptor = source.read((FIRST_DESCRIPTOR + number) * SECTOR, SECTOR);
    if (descriptor.length < SECTOR || descriptor.toString('latin1', 1, 6) !== 'CD001') break;
    const kind = descriptor[0];
    if (kind === 255) break;
    if (kind !== 1 && kind !== 2) continue;
    const at = descriptor.readUInt32LE(158) * SECTOR;
    const folder = { path: '', at, bytes: descriptor.readUInt32LE(166), depth: 0 };
    const wide = kind === 2 && /^%\/[@CE]/.test(descriptor.toString('latin1', 88, 91));
    found.push({ folder, wide });
  }
  return found.toSorted((a, b) => Number(b.wide) - Number(a.wide));
}

interface FileRecord {
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
  readonly isFolder: boolean;
}

function* recordsOf(source: Source, folder: Folder, wide: boolean): Generator<FileRecord> {
  const bytes = source.read(folder.at, Math.min(folder.bytes, FOLDER_BYTES_MAX));
  for (let at = 0; at + 34 <= bytes.length;) {
    const length = bytes[at]!;
    if (length < 34) {
      // Records do not cross sectors: the rest of this one is empty.
      at = (Math.floor(at / SECTOR) + 1) * SECTOR;
      continue;
    }
    const record = bytes.subarray(at, at + length);
    at += length;
    const nameBytes = record.subarray(33, 33 + record[32]!);
    // The first two are the folder itself and the one above.
    if (nameBytes.length === 1 && nameBytes[0]! <= 1) continue;
    yield {
      name: nameOf(nameBytes, wide),
      at: record.readUInt32LE(2) * SECTOR,
      bytes: record.readUInt32LE(10),
      isFolder: (record[25]! & 2) !== 0,
    };
  }
}

function nameOf(bytes: Buffer, wide: boolean): string {
  const name = wide
    ? Buffer.from(bytes.subarray(0, bytes.length & ~1))
        .swap16()
        .toString('utf16le')
    : bytes.toString('latin1');
  return name.replace(/\.?;\d+$/, '');
}
