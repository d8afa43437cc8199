import { crc32 } from 'node:zlib';
import { inflateInto } from './inflate.ts';
import { officeTraits } from './office.ts';
import { partOf, piecesOf } from './source.ts';
import { bunzipInto } from './stream-openers.ts';
import type { Item, OpenBounds, Sink, Source, Trouble } from './types.ts';
import { xzInto } from './xz.ts';
import { isPlausible, localHeader, nextLocal, readDirectory, type ZipEntry } from './zip-directory.ts';

export { hasZipEnd } from './zip-directory.ts';

const ENCRYPTED = 0x0001;
const HAS_DESCRIPTOR = 0x0008;
const MASKED = 0x2000;
const AES = 99;
/** Shrunk, imploded, Deflate64, LZMA, PPMd (APPNOTE 4.4.5). */
const RARE: ReadonlySet<number> = new Set([1, 6, 9, 14, 98]);
/** A descriptor between two entries has at most 24 bytes, a header at least 31. */
const GAP_MIN = 30;

/**
 * Entries of a ZIP. Programs read an archive from its directory at the end or from the headers between the data,
 * and a file can be made that shows each something else: everything that either would see is handed on, and the
 * contradiction is a trouble of its own. `rare` counts entries that are packed in a way that 7-Zip alone knows.
 */
export function* zipOpener(
  source: Source,
  bounds: OpenBounds,
  rare: { entries: number } = { entries: 0 },
): Iterable<Item> {
  const directory = readDirectory(source, bounds.entriesMax);
  if (directory === undefined || directory.entries.length === 0) {
    if (directory === undefined || directory.damage !== '' || source.size > 22) {
      yield {
        kind: 'trouble',
        name: '',
        reason: 'damaged',
        detail: directory?.damage || 'it has no directory',
      };
    }
    yield* scattered(source, 0, source.size, bounds);
    return;
  }
  if (directory.damage !== '') {
    yield { kind: 'trouble', name: '', reason: 'damaged', detail: directory.damage };
  }
  const spans: (readonly [from: number, to: number])[] = [];
  let shared = false;
  for (const entry of directory.entries) {
    if (bounds.expired()) break;
    const local = localHeader(source, entry.offset);
    const data = local?.data ?? entry.offset;
    const span = [entry.offset, Math.max(data, data + entry.packed)] as const;
    shared ||=
      spans.length > 0 && span[0] < spans[spans.length - 1]![1] && span[1] > spans[spans.length - 1]![0];
    spans.push(span);
    if (RARE.has(entry.method) && (entry.flags & ENCRYPTED) === 0) rare.entries++;
    else yield* listed(source, entry, local);
  }
  if (shared) {
    yield { kind: 'trouble', name: '', reason: 'damaged', detail: 'entries share their bytes' };
  }
  spans.push([directory.start, source.size]);
  yield* hidden(source, spans, bounds);
}

function* listed(source: Source, entry: ZipEntry, local: ReturnType<typeof localHeader>): Iterable<Item> {
  if (isFolder(entry)) return;
  if (local === undefined) {
    yield {
      kind: 'trouble',
      name: entry.name,
      reason: 'damaged',
      detail: 'its header is not where it should be',
    };
    return;
  }
  yield* officeTraits(entry.name);
  yield* one(source, { ...entry, flags: entry.flags | (local.flags & ENCRYPTED) }, local.data);
  const contradiction = contradictionOf(entry, local);
  if (contradiction === undefined) return;
  yield { kind: 'trouble', name: entry.name, reason: 'damaged', detail: contradiction };
  const packed = local.packed === 0 ? entry.packed : local.packed;
  yield* one(source, { ...local, packed }, local.data);
}

/** What the header before the data says otherwise than the directory. */
function contradictionOf(entry: ZipEntry, local: ZipEntry): string | undefined {
  if (local.name !== entry.name) return 'header and directory give it different names';
  if (local.method !== entry.method) return 'header and directory name different methods';
  const later = (local.flags & HAS_DESCRIPTOR) !== 0 || (local.flags & MASKED) !== 0;
  if (!later && (local.packed !== entry.packed || local.size !== entry.size)) {
    return 'header and directory give it different sizes';
  }
  return undefined;
}

function* one(source: Source, entry: ZipEntry, data: number): Iterable<Item> {
  const { name } = entry;
  if ((entry.flags & ENCRYPTED) !== 0 || entry.method === AES) {
    yield { kind: 'trouble', name, reason: 'encrypted', detail: 'the entry has a password' };
    return;
  }
  yield { kind: 'member', member: { name, read: (sink) => contentInto(source, entry, data, sink) } };
}

function contentInto(
  source: Source,
  entry: ZipEntry,
  data: number,
  sink: Sink,
): Trouble | undefined | Promise<Trouble | undefined> {
  let sum = 0;
  let size = 0;
  let isWhole = true;
  const counting: Sink = (bytes) => {
    sum = crc32(bytes, sum);
    size += bytes.length;
    isWhole = sink(bytes);
    return isWhole;
  };
  const room = Math.max(0, source.size - data);
  const length = Math.min(entry.packed, room);
  const read = methodInto(source, entry.method, data, length, counting);
  const judged = (trouble: Trouble | undefined): Trouble | undefined => {
    if (trouble !== undefined) return trouble;
    if (!isWhole) return undefined;
    if (entry.packed > room) return { reason: 'damaged', detail: 'its data ends with the file' };
    if (sum !== entry.crc) return { reason: 'damaged', detail: 'its checksum is another one' };
    return size === entry.size ? undefined : { reason: 'damaged', detail: 'its size is another one' };
  };
  return read instanceof Promise ? read.then(judged) : judged(read);
}

function methodInto(
  source: Source,
  method: number,
  data: number,
  length: number,
  sink: Sink,
): Trouble | undefined | Promise<Trouble | undefined> {
  switch (method) {
    case 0:
      for (const piece of piecesOf(source, data, length)) if (!sink(piece)) break;
      return undefined;
    case 8:
      return inflateInto(partOf(source, data, length), 'raw', sink);
    case 12:
      return bunzipInto(source, sink, () => false, data, length);
    case 93:
      return inflateInto(partOf(source, data, length), 'zstd', sink);
    case 95:
      return xzInto(source, sink, data, length);
    default:
      return { reason: 'unsupported', detail: `packed with method ${method}` };
  }
}

/** Entries between and behind those that the directory lists. */
function* hidden(
  source: Source,
  spans: readonly (readonly [from: number, to: number])[],
  bounds: OpenBounds,
): Iterable<Item> {
  let covered = 0;
  let left = bounds.entriesMax;
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    if (from - covered > GAP_MIN && left-- > 0) yield* hiddenIn(source, covered, from, bounds);
    covered = Math.max(covered, to);
  }
}

function* hiddenIn(source: Source, from: number, to: number, bounds: OpenBounds): Iterable<Item> {
  const at = plausibleFrom(source, from, to);
  if (at < 0) return;
  yield {
    kind: 'trouble',
    name: '',
    reason: 'damaged',
    detail: 'it has entries that its directory does not list',
  };
  yield* scattered(source, at, to, bounds);
}

/** Entries without a directory: header after header. Where the size comes later, up to the next header. */
function* scattered(source: Source, from: number, to: number, bounds: OpenBounds): Iterable<Item> {
  let at = plausibleFrom(source, from, to);
  for (let count = 0; at >= 0 && count < bounds.entriesMax && !bounds.expired(); count++) {
    const local = localHeader(source, at);
    if (local === undefined) return;
    const later = (local.flags & HAS_DESCRIPTOR) !== 0 && local.packed === 0;
    const known = local.data + local.packed;
    const next = plausibleFrom(source, later || known > to ? local.data : known, to);
    if (!isFolder(local)) {
      yield* officeTraits(local.name);
      if (later) yield* unsized(source, local, (next < 0 ? to : next) - local.data);
      else yield* one(source, local, local.data);
    }
    at = next;
  }
}

function plausibleFrom(source: Source, from: number, to: number): number {
  for (let at = nextLocal(source, from, to); at >= 0; at = nextLocal(source, at + 4, to)) {
    const local = localHeader(source, at);
    if (local !== undefined && isPlausible(local)) return at;
  }
  return -1;
}

/** The packed data says itself where it ends: what stands behind it is no damage. */
function* unsized(
  source: Source,
  local: ZipEntry & { readonly data: number },
  length: number,
): Iterable<Item> {
  if ((local.flags & ENCRYPTED) !== 0 || local.method === AES) {
    yield { kind: 'trouble', name: local.name, reason: 'encrypted', detail: 'the entry has a password' };
    return;
  }
  const part = partOf(source, local.data, length);
  yield {
    kind: 'member',
    member: { name: local.name, read: (sink) => methodInto(part, local.method, 0, part.size, sink) },
  };
}

function isFolder({ name, size }: ZipEntry): boolean {
  return name.endsWith('/') && size === 0;
}
