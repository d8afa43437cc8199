import type { Item, OpenBounds, Sink, Source, Trouble } from './types.ts';
import { bytesItem } from './members.ts';
import { nativeIn, packageIn } from './ole-package.ts';
import { isLocked, LOCK_BYTES, LOCKED, mayBeLocked } from './password.ts';
import { macroText } from './vba.ts';

/** Compound files ([MS-CFB]): chains of sectors, named by a table; streams in storages. */
const FREE = 0xffff_fffa;
const NONE = 0xffff_ffff;
const MINI_STREAM_MAX = 4096;
const STREAM = 2;
const ROOT = 5;

interface Entry {
  readonly name: string;
  readonly kind: number;
  readonly left: number;
  readonly right: number;
  readonly child: number;
  readonly first: number;
  readonly size: number;
}

/** Streams of a compound file; and the source of macros, unpacked, where a stream has some. */
export function* compoundOpener(source: Source, bounds: OpenBounds): Iterable<Item> {
  const file = CompoundFile.open(source, bounds);
  if (file === undefined) {
    yield { kind: 'trouble', name: '', reason: 'damaged', detail: 'its header or its sector table is wrong' };
    return;
  }
  let macros = false;
  for (const { path, entry } of file.streams()) {
    if (bounds.expired()) return;
    yield { kind: 'member', member: { name: path, read: (sink) => file.into(entry, sink) } };
    if (mayBeLocked(path) && isLocked(path, file.whole(entry, LOCK_BYTES))) {
      yield { kind: 'trouble', name: '', ...LOCKED };
    }
    if (path.endsWith(OLE_NATIVE)) {
      const inner = packageIn(nativeIn(file.whole(entry, NATIVE_BYTES)));
      if (inner !== undefined) {
        const { name, bytes } = inner;
        yield bytesItem(`${path}/${name}`, bytes);
      }
    }
    if (!/(?:^|\/)VBA\/[^/]+$/i.test(path)) continue;
    if (!macros) yield { kind: 'trait', trait: 'macros', name: path };
    macros = true;
    const text = macroText(file.whole(entry, MACRO_BYTES));
    if (text !== undefined) yield bytesItem(`${path}.vba`, text);
  }
  if (file.damage !== '') yield { kind: 'trouble', name: '', reason: 'damaged', detail: file.damage };
}

const OLE_NATIVE = '\u{1}Ole10Native';
/** Of a file in a document that is looked at by itself. */
const NATIVE_BYTES = 32 * 1024 * 1024;
const MACRO_BYTES = 4 * 1024 * 1024;

class CompoundFile {
  readonly #source: Source;
  readonly #sectorBytes: number;
  readonly #table: Uint32Array;
  #miniTable: Uint32Array = new Uint32Array(0);
  #mini: readonly number[] = [];
  #entries: readonly Entry[] = [];
  damage = '';

  private constructor(source: Source, sectorBytes: number, table: Uint32Array) {
    this.#source = source;
    this.#sectorBytes = sectorBytes;
    this.#table = table;
  }

  static open(source: Source, { entriesMax }: OpenBounds): CompoundFile | undefined {
    const head = source.read(0, 512);
    if (head.length < 512) return undefined;
    const shift = head.readUInt16LE(30);
    if (shift !== 9 && shift !== 12) return undefined;
    const sectorBytes = 1 << shift;
    const table = sectorTable(source, head, sectorBytes);
    if (table === undefined) return undefined;
    const file = new CompoundFile(source, sectorBytes, table);
    file.#entries = file.#directory(head.readUInt32LE(48), entriesMax);
    const root = file.#entries.find(({ kind }) => kind === ROOT);
    if (root === undefined) return undefined;
    file.#mini = file.#chain(root.first, table, source.size / sectorBytes + 1);
    const miniTable = file.#chain(head.readUInt32LE(60), table, head.readUInt32LE(64));
    file.#miniTable = wordsOf(Buffer.concat(miniTable.map((sector) => file.#sector(sector))));
    return file;
  }

  /** All streams with the names of their storages; a tree that turns back on itself is walked once. */
  *streams(): Generator<{ path: string; entry: Entry }> {
    const root = this.#entries.findIndex(({ kind }) => kind === ROOT);
    const seen = new Set<number>([root]);
    const open: { at: number; path: string }[] = [{ at: this.#entries[root]?.child ?? NONE, path: '' }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { at, path } = next;
      const entry = this.#entries[at];
      if (entry === undefined || seen.has(at)) continue;
      seen.add(at);
      open.push({ at: entry.right, path }, { at: entry.left, path });
      const own = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.kind === STREAM) yield { path: own, entry };
      else open.push({ at: entry.child, path: own });
    }
    // Streams that no storage names are read by nobody, and may be what somebody hides.
    for (const [at, entry] of this.#entries.entries()) {
      if (entry.kind === STREAM && !seen.has(at)) yield { path: entry.name, entry };
    }
  }

  into(entry: Entry, sink: Sink): Trouble | undefined {
    let left = entry.size;
    for (const piece of this.#pieces(entry)) {
      const taken = piece.subarray(0, left);
      left -= taken.length;
      if (!sink(taken)) return undefined;
    }
    return left > 0 ? { reason: 'damaged', detail: 'the stream is shorter than it says' } : undefined;
  }

  whole(entry: Entry, max: number): Buffer {
    const pieces: Buffer[] = [];
    let bytes = 0;
    for (const piece of this.#pieces(entry)) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= Math.min(max, entry.size)) break;
    }
    return Buffer.concat(pieces).subarray(0, Math.min(max, entry.size));
  }

  *#pieces(entry: Entry): Generator<Buffer> {
    if (entry.size >= MINI_STREAM_MAX) {
      const sectors = Math.ceil(entry.size / this.#sectorBytes);
      for (const sector of this.#chain(entry.first, this.#table, sectors)) yield this.#sector(sector);
      return;
    }
    for (const mini of this.#chain(entry.first, this.#miniTable, Math.ceil(entry.size / 64))) {
      const at = mini * 64;
      const sector = this.#mini[Math.floor(at / this.#sectorBytes)];
      if (sector === undefined) return;
      yield this.#source.read((sector + 1) * this.#sectorBytes + (at % this.#sectorBytes), 64);
    }
  }

  #sector(sector: number): Buffer {
    return this.#source.read((sector + 1) * this.#sectorBytes, this.#sectorBytes);
  }

  /** At most `max` sectors, and no more than there are: a chain that turns back ends. */
  #chain(first: number, table: Uint32Array, max: number): number[] {
    const chain: number[] = [];
    const most = Math.min(max, table.length);
    for (let at = first; at < FREE && chain.length < most; at = table[at] ?? NONE) {
      if (at >= table.length) {
        this.damage = 'a chain of sectors leads out of the file';
        break;
      }
      chain.push(at);
    }
    return chain;
  }

  #directory(first: number, entriesMax: number): readonly Entry[] {
    const sectors = Math.ceil((entriesMax * 128) / this.#sectorBytes);
    const entries: Entry[] = [];
    for (const sector of this.#chain(first, this.#table, Math.min(sectors, this.#table.length))) {
      const bytes = this.#sector(sector);
      for (let at = 0; at + 128 <= bytes.length; at += 128)
        entries.push(entryOf(bytes.subarray(at, at + 128)));
    }
    return entries;
  }
}

function entryOf(bytes: Buffer): Entry {
  const nameBytes = Math.min(64, bytes.readUInt16LE(64));
  const high = bytes.readUInt32LE(124);
  return {
    name: bytes.toString('utf16le', 0, Math.max(0, nameBytes - 2) & ~1),
    kind: bytes[66] ?? 0,
    left: bytes.readUInt32LE(68),
    right: bytes.readUInt32LE(72),
    child: bytes.readUInt32LE(76),
    first: bytes.readUInt32LE(116),
    // Version 3 leaves the upper half undefined; no file that is read here is so long.
    size: high > 0xff ? bytes.readUInt32LE(120) : high * 0x1_0000_0000 + bytes.readUInt32LE(120),
  };
}

/** The table of all sectors, itself in sectors: 109 of them are named in the header, more in a chain of lists. */
function sectorTable(source: Source, head: Buffer, sectorBytes: number): Uint32Array | undefined {
  const sectorsMax = Math.ceil(source.size / sectorBytes);
  const tablesMax = Math.ceil((sectorsMax * 4) / sectorBytes) + 1;
  const named: number[] = [];
  for (let at = 76; at < 512; at += 4) named.push(head.readUInt32LE(at));
  let list = head.readUInt32LE(68);
  for (let count = 0; list < FREE && count <= tablesMax; count++) {
    const words = wordsOf(source.read((list + 1) * sectorBytes, sectorBytes));
    if (words.length < sectorBytes / 4) break;
    named.push(...words.subarray(0, -1));
    list = words.at(-1) ?? NONE;
  }
  const parts = named
    .filter((sector) => sector < FREE)
    .slice(0, tablesMax)
    .map((sector) => source.read((sector + 1) * sectorBytes, sectorBytes));
  return parts.length === 0 ? undefined : wordsOf(Buffer.concat(parts));
}

function wordsOf(bytes: Buffer): Uint32Array {
  return Uint32Array.from({ length: bytes.length >> 2 }, (_, at) => bytes.readUInt32LE(at * 4));
}
