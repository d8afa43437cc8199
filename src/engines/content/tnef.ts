import { partItem } from './members.ts';
import { findIn, partOf } from './source.ts';
import type { Item, OpenBounds, Source } from './types.ts';

/** [MS-OXTNEF] §2.1.3.3: what Outlook sends as `winmail.dat`. */
const SIGNATURE = Buffer.from('789f3e22', 'hex');
const HEAD_BYTES = 6;
/** Level, id, length; behind the data a checksum of two bytes. */
const ATTRIBUTE_BYTES = 9;
const ID = { body: 0x0002_800c, title: 0x0001_8010, data: 0x0006_800f, attachment: 0x0006_9005 } as const;
/** Properties of the message and of an attachment: texts in RTF and HTML, whole messages. */
const PROPERTIES: ReadonlySet<number> = new Set([0x0006_9003, 0x0006_9005]);

/** Texts and attachments of a message; a message in an attachment as a file of its own. */
export function* tnefOpener(source: Source, { entriesMax, expired }: OpenBounds): Iterable<Item> {
  let at = HEAD_BYTES;
  let data: Source | undefined;
  for (let count = 0; at < source.size && count < entriesMax && !expired(); count++) {
    const head = source.read(at, ATTRIBUTE_BYTES);
    if (head.length < ATTRIBUTE_BYTES) break;
    const id = head.readUInt32LE(1);
    const length = head.readUInt32LE(5);
    const part = partOf(source, at + ATTRIBUTE_BYTES, length);
    // The data of an attachment may come before its name: it is handed on when the next one begins.
    if (id === ID.title && data !== undefined) {
      yield partItem(textOf(part), data);
      data = undefined;
    }
    if (id === ID.data) {
      if (data !== undefined) yield partItem('attachment', data);
      data = part;
    }
    if (id === ID.body) yield partItem('text.txt', part);
    if (PROPERTIES.has(id)) yield* properties(part);
    at += ATTRIBUTE_BYTES + length + 2;
    if (part.size < length) {
      yield { kind: 'trouble', name: '', reason: 'damaged', detail: 'it ends in the middle' };
    }
  }
  if (data !== undefined) yield partItem('attachment', data);
}

function* properties(part: Source): Iterable<Item> {
  yield partItem('properties', part);
  const inner = findIn(part, SIGNATURE, 1);
  if (inner > 0) yield partItem('message.tnef', partOf(part, inner, part.size));
}

function textOf(part: Source): string {
  return part.read(0, 255).toString('latin1').split('\0', 1)[0] || 'attachment';
}
