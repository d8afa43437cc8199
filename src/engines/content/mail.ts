import type { Email } from 'postal-mime';
import { bytesItem, partItem } from './members.ts';
import { findIn, partOf } from './source.ts';
import type { Item, OpenBounds, Source } from './types.ts';

const NESTING_MAX = 64;
const HEAD_BYTES_MAX = 2 * 1024 * 1024;

/** Parts of a message (RFC 5322, RFC 2045 to 2049): texts, and attachments decoded; a message inside as one part. */
export async function* mailOpener(source: Source, bounds: OpenBounds): AsyncIterable<Item> {
  if (source.size > bounds.memoryMax) {
    const detail = `a message of more than ${bounds.memoryMax} bytes`;
    yield { kind: 'trouble', name: '', reason: 'limit', detail };
  }
  let parsed: Email;
  try {
    // An edge that gets no letters does without it.
    const { default: PostalMime } = await import('postal-mime');
    // A copy of its own: the library takes the whole buffer behind a view.
    parsed = await PostalMime.parse(new Uint8Array(source.read(0, bounds.memoryMax)), {
      forceRfc822Attachments: true,
      attachmentEncoding: 'arraybuffer',
      maxNestingDepth: NESTING_MAX,
      maxHeadersSize: HEAD_BYTES_MAX,
    });
  } catch {
    yield { kind: 'trouble', name: '', reason: 'damaged', detail: 'the message cannot be read' };
    return;
  }
  for (const [name, text] of [
    ['text.html', parsed.html],
    ['text.txt', parsed.text],
  ] as const) {
    if (text !== undefined && text !== '') yield bytesItem(name, Buffer.from(text));
  }
  for (const [at, { filename, content }] of parsed.attachments.entries()) {
    yield bytesItem(filename ?? `part-${at + 1}`, bufferOf(content));
  }
}

function bufferOf(content: ArrayBuffer | Uint8Array | string): Buffer {
  if (typeof content === 'string') return Buffer.from(content);
  return content instanceof Uint8Array
    ? Buffer.from(content.buffer, content.byteOffset, content.byteLength)
    : Buffer.from(content);
}

const FROM_LINE = Buffer.from('\nFrom ');

/** Messages of a mailbox (RFC 4155): each begins with a line of its own. */
export function* mboxOpener(source: Source, { expired }: OpenBounds): Iterable<Item> {
  let number = 0;
  for (let at = 0; at < source.size && !expired();) {
    const next = findIn(source, FROM_LINE, at + 1);
    const end = next < 0 ? source.size : next + 1;
    // Without its first line what is left is a message.
    const lineEnd = source.read(at, 1024).indexOf(10);
    const message = partOf(source, at + lineEnd + 1, end - at - lineEnd - 1);
    yield partItem(`message-${++number}`, message);
    at = end;
  }
}
