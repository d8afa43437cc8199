import xz from 'xz-decompress';
import { piecesOf } from './source.ts';
import type { Sink, Source, Trouble } from './types.ts';

/** Dictionary of an LZMA2 block (xz 1.2 §5.3.1): the library takes as much memory as it says. */
const DICTIONARY_MAX = 64 * 1024 * 1024;

/** Unpacks an xz stream (The .xz File Format 1.2.0) piece by piece. */
export async function xzInto(
  source: Source,
  sink: Sink,
  from: number,
  length: number,
): Promise<Trouble | undefined> {
  const dictionary = dictionaryOf(source.read(from, 64));
  if (dictionary > DICTIONARY_MAX) {
    return { reason: 'limit', detail: `needs a dictionary of more than ${DICTIONARY_MAX} bytes` };
  }
  const pieces = piecesOf(source, from, length);
  const packed = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const next = pieces.next();
      if (next.done === true) controller.close();
      // A copy: the library may keep what it gets.
      else controller.enqueue(new Uint8Array(next.value));
    },
  });
  const reader = new xz.XzReadableStream(packed).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      // The library uses its output buffer again.
      if (!sink(Buffer.from(value))) {
        await reader.cancel();
        return undefined;
      }
    }
  } catch {
    return { reason: 'damaged', detail: 'the xz stream is damaged or cut' };
  }
}

/**
 * Size of the dictionary of the first block: block header behind the 12 bytes of the stream header, its flags,
 * optional sizes, then filters; that of LZMA2 (id 0x21) has one byte of properties.
 */
function dictionaryOf(head: Buffer): number {
  const at = head.subarray(12).indexOf(Buffer.from([0x21, 0x01]));
  const bits = at < 0 ? undefined : head[12 + at + 2];
  if (bits === undefined || bits > 40) return 0;
  if (bits === 40) return 0xffff_ffff;
  return (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11);
}
