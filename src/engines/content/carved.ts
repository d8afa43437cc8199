import { inflateInto } from './inflate.ts';
import { partItem } from './members.ts';
import { findIn, partOf } from './source.ts';
import type { Item, OpenBounds, Source } from './types.ts';

/** [MS-ONESTORE] §2.6.13: the GUID before each file in a notebook, its length, 12 bytes, and then the file. */
const ONENOTE_FILE = Buffer.from('e716e3bd65261145a4c48d4d0b7a9eac', 'hex');
const ONENOTE_HEAD = 36;

/** Files that are embedded in a section of OneNote. */
export function* oneNoteOpener(source: Source, { entriesMax, expired }: OpenBounds): Iterable<Item> {
  let number = 0;
  for (let at = findIn(source, ONENOTE_FILE, 0); at >= 0 && number < entriesMax && !expired();) {
    const head = source.read(at, ONENOTE_HEAD);
    if (head.length < ONENOTE_HEAD) return;
    const length = Number(head.readBigUInt64LE(16));
    const name = `file-${++number}`;
    yield partItem(name, source, at + ONENOTE_HEAD, length);
    if (at + ONENOTE_HEAD + length > source.size) {
      yield { kind: 'trouble', name, reason: 'damaged', detail: 'its data ends with the file' };
    }
    // Not behind its data: a length that lies would hide the next one.
    at = findIn(source, ONENOTE_FILE, at + ONENOTE_HEAD);
  }
}

/** Where the packed part of an ActiveMime file begins: Office puts macros of web pages into one. */
const ACTIVEMIME_HEAD = 0x32;

export function* activeMimeOpener(source: Source): Iterable<Item> {
  yield {
    kind: 'member',
    member: {
      name: 'data',
      read: (sink) => inflateInto(partOf(source, ACTIVEMIME_HEAD, source.size), 'zlib', sink),
    },
  };
}

/** Archives that programs which unpack themselves carry at their end. */
const APPENDED: readonly (readonly [name: string, magic: Buffer])[] = [
  ['appended.7z', Buffer.from('377abcaf271c', 'hex')],
  ['appended.rar', Buffer.from('526172211a07', 'hex')],
  ['appended.cab', Buffer.from('4d53434600000000', 'hex')],
];

export function hasAppended(source: Source): boolean {
  return appendedIn(source).next().done !== true;
}

export function* appendedOpener(source: Source): Iterable<Item> {
  for (const { name, at } of appendedIn(source)) yield partItem(name, source, at, source.size - at);
}

function* appendedIn(source: Source): Generator<{ readonly name: string; readonly at: number }> {
  for (const [name, magic] of APPENDED) {
    for (let at = findIn(source, magic, 1), tries = 0; at >= 0 && tries < TRIES_MAX; tries++) {
      if (isHead(name, source.read(at, 32))) {
        yield { name, at };
        break;
      }
      at = findIn(source, magic, at + 1);
    }
  }
}

/** Programs that read archives have the marks among their constants. */
const TRIES_MAX = 16;

function isHead(name: string, head: Buffer): boolean {
  if (head.length < 32) return false;
  if (name === 'appended.7z') return head[6] === 0 && head[7]! < 10;
  if (name === 'appended.rar') return head[6] === 0 || (head[6] === 1 && head[7] === 0);
  // A cabinet of version 1.3 with a size that is none of nothing.
  return head[24] === 3 && head[25] === 1 && head.readUInt32LE(8) > 36;
}
