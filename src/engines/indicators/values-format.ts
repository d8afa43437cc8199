import { KIND_NUMBER, type IndicatorKind, KINDS, writeKey, type TableName, hashTable } from './keys.ts';

/**
 * A values file: the entries of one layer as text, in the order of the list, in deflated blocks of
 * BLOCK_ENTRIES after eight bytes of magic. One entry:
 *
 *     kind u8 · fields u8 · bytes of the value u16 · value
 *     and what `fields` names: note and reference as u16 and UTF-8, first and last seen as u32 seconds
 *
 * Values are ASCII; a hash is its bytes.
 */
export const VALUES_MAGIC = 'SLYPVAL2';
export const BLOCK_ENTRIES = 512;

const NOTE = 1;
const REFERENCE = 2;
const FIRST_SEEN = 4;
const LAST_SEEN = 8;

export interface EntryTexts {
  readonly kind: IndicatorKind;
  readonly value: string;
  readonly note: string;
  readonly reference: string;
  readonly firstSeenS: number | undefined;
  readonly lastSeenS: number | undefined;
}

/** Longest note and reference that are kept, in UTF-16 units. */
export const TEXT_MAX = 4096;

/** Most bytes that the entry can take. */
export function textsBytesMax({ value, note, reference }: EntryTexts): number {
  return 16 + value.length + 3 * (note.length + reference.length);
}

/** Writes one entry; where it ends. */
export function writeTexts(into: Buffer, start: number, texts: EntryTexts): number {
  const { kind, value, note, reference, firstSeenS, lastSeenS } = texts;
  into[start] = KIND_NUMBER[kind];
  into[start + 1] =
    (note === '' ? 0 : NOTE) |
    (reference === '' ? 0 : REFERENCE) |
    (firstSeenS === undefined ? 0 : FIRST_SEEN) |
    (lastSeenS === undefined ? 0 : LAST_SEEN);
  let at = start + 4;
  const table: TableName | undefined = kind === 'hash' ? hashTable(value.length) : undefined;
  if (table === undefined) at += into.write(value, at, 'latin1');
  else {
    writeKey(value, table, into, at);
    at += value.length / 2;
  }
  into.writeUInt16LE(at - start - 4, start + 2);
  if (note !== '') at = writeLong(into, at, note);
  if (reference !== '') at = writeLong(into, at, reference);
  if (firstSeenS !== undefined) at = into.writeUInt32LE(firstSeenS, at);
  if (lastSeenS !== undefined) at = into.writeUInt32LE(lastSeenS, at);
  return at;
}

/** Where the entry at `start` ends. */
export function textsEnd(block: Buffer, start: number): number {
  const fields = block[start + 1]!;
  let at = start + 4 + block.readUInt16LE(start + 2);
  if ((fields & NOTE) !== 0) at += 2 + block.readUInt16LE(at);
  if ((fields & REFERENCE) !== 0) at += 2 + block.readUInt16LE(at);
  return at + ((fields & FIRST_SEEN) === 0 ? 0 : 4) + ((fields & LAST_SEEN) === 0 ? 0 : 4);
}

/** Kind and value alone. */
export function readValue(block: Buffer, start: number): { kind: IndicatorKind; value: string } {
  const kind = KINDS[block[start]!]!;
  const end = start + 4 + block.readUInt16LE(start + 2);
  return { kind, value: block.toString(kind === 'hash' ? 'hex' : 'latin1', start + 4, end) };
}

export function readTexts(block: Buffer, start: number): EntryTexts {
  const fields = block[start + 1]!;
  let at = start + 4 + block.readUInt16LE(start + 2);
  const long = (flag: number): string => {
    if ((fields & flag) === 0) return '';
    const end = at + 2 + block.readUInt16LE(at);
    const text = block.toString('utf8', at + 2, end);
    at = end;
    return text;
  };
  const number = (flag: number): number | undefined => {
    if ((fields & flag) === 0) return undefined;
    at += 4;
    return block.readUInt32LE(at - 4);
  };
  const note = long(NOTE);
  const reference = long(REFERENCE);
  const firstSeenS = number(FIRST_SEEN);
  return { ...readValue(block, start), note, reference, firstSeenS, lastSeenS: number(LAST_SEEN) };
}

function writeLong(into: Buffer, at: number, text: string): number {
  const bytes = into.write(text, at + 2);
  into.writeUInt16LE(bytes, at);
  return at + 2 + bytes;
}
