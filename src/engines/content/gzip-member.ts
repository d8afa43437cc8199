import type { Source, Trouble } from './types.ts';

/** Names and comments of real files are short. */
const HEAD_BYTES_MAX = 128 * 1024;
const TAIL_BYTES = 8;
const FLAG = { checked: 0x02, extra: 0x04, name: 0x08, comment: 0x10 } as const;

/** Bytes of the head of a gzip member (RFC 1952 §2.3) at `from`; `undefined`: it is none, or it is cut. */
export function memberHead(source: Source, from: number): number | undefined {
  const head = source.read(from, HEAD_BYTES_MAX);
  if (head.length < 10 || head[0] !== 0x1f || head[1] !== 0x8b || head[2] !== 8) return undefined;
  const flags = head[3]!;
  let at = 10;
  if ((flags & FLAG.extra) !== 0) {
    if (head.length < at + 2) return undefined;
    at += 2 + head.readUInt16LE(at);
  }
  for (const flag of [FLAG.name, FLAG.comment]) {
    if ((flags & flag) === 0) continue;
    const end = head.indexOf(0, at);
    if (end < 0) return undefined;
    at = end + 1;
  }
  if ((flags & FLAG.checked) !== 0) at += 2;
  return at > head.length ? undefined : at;
}

/** Behind the data: its checksum, and its size modulo 2^32. */
export function memberTail(
  source: Source,
  from: number,
  { sum, size }: { readonly sum: number; readonly size: number },
): { readonly end: number; readonly trouble: Trouble | undefined } {
  const tail = source.read(from, TAIL_BYTES);
  const end = from + tail.length;
  if (tail.length < TAIL_BYTES) {
    return { end, trouble: { reason: 'damaged', detail: 'unexpected end of file' } };
  }
  const isRight = tail.readUInt32LE(0) === sum && tail.readUInt32LE(4) === size % 0x1_0000_0000;
  return { end, trouble: isRight ? undefined : { reason: 'damaged', detail: 'its checksum is another one' } };
}
