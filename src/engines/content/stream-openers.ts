import { BzipReader } from '../../protocols/bzip2/index.ts';
import { inflateInto, type Packing } from './inflate.ts';
import { piecesOf } from './source.ts';
import type { Item, OpenBounds, Sink, Source, Trouble } from './types.ts';
import { xzInto } from './xz.ts';

/** One packed stream: gzip (RFC 1952, several members as well), zstd (RFC 8878). */
export function packedOpener(packing: Packing, nameOf: (source: Source) => string) {
  return function* open(source: Source): Iterable<Item> {
    yield {
      kind: 'member',
      member: {
        name: nameOf(source),
        read: (sink) => inflateInto(source, packing, sink),
      },
    };
  };
}

/** The name in the head of a gzip file (RFC 1952 §2.3: FLG bit 3, after the extra field). */
export function gzipName(source: Source): string {
  const head = source.read(0, 1024);
  const flags = head[3] ?? 0;
  if ((flags & 0x08) === 0) return 'data';
  let at = 10;
  if ((flags & 0x04) !== 0 && head.length >= 12) at += 2 + head.readUInt16LE(10);
  const end = head.indexOf(0, at);
  return end > at ? head.toString('latin1', at, end) : 'data';
}

export function* bzip2Opener(source: Source, { expired }: OpenBounds): Iterable<Item> {
  yield { kind: 'member', member: { name: 'data', read: (sink) => bunzipInto(source, sink, expired) } };
}

/** Block after block: between two of them time is looked at. */
export function bunzipInto(
  source: Source,
  sink: Sink,
  expired: () => boolean,
  from = 0,
  length = source.size,
): Trouble | undefined {
  const reader = new BzipReader();
  const pieces = piecesOf(source, from, length);
  for (;;) {
    if (expired()) return { reason: 'timeout', detail: 'time for unpacking is over' };
    const event = reader.next();
    switch (event.kind) {
      case 'block':
        if (!sink(event.bytes)) return undefined;
        break;
      case 'need-data': {
        const next = pieces.next();
        if (next.done === true) reader.receiveEnd();
        else reader.receive(next.value);
        break;
      }
      case 'end':
        return undefined;
      case 'violation':
        return { reason: 'damaged', detail: event.code };
    }
  }
}

export function* xzOpener(source: Source): Iterable<Item> {
  yield {
    kind: 'member',
    member: { name: 'data', read: (sink) => xzInto(source, sink, 0, source.size) },
  };
}
