import { piecesOf } from './source.ts';
import type { Item, OpenBounds, Source, Trouble } from './types.ts';

const MAGIC_BYTES = 8;
const HEAD_BYTES = 60;

/** Files of an ar archive, which Debian packages are as well: heads of 60 characters, data filled up to even. */
export function* arOpener(source: Source, { entriesMax }: OpenBounds): Iterable<Item> {
  let at = MAGIC_BYTES;
  for (let count = 0; at < source.size && count < entriesMax; count++) {
    const head = source.read(at, HEAD_BYTES).toString('latin1');
    const size = /^\d{1,10} *$/.test(head.slice(48, 58)) ? Number(head.slice(48, 58)) : undefined;
    if (size === undefined || head.slice(58, 60) !== '`\n') {
      yield { kind: 'trouble', name: '', reason: 'damaged', detail: 'a head is wrong or cut' };
      return;
    }
    const data = at + HEAD_BYTES;
    const name = head.slice(0, 16).trimEnd().replace(/\/$/, '');
    yield {
      kind: 'member',
      member: {
        name: name === '' ? 'index' : name,
        read: (sink): Trouble | undefined => {
          for (const piece of piecesOf(source, data, Math.min(size, source.size))) {
            if (!sink(piece)) return undefined;
          }
          return data + size > source.size
            ? { reason: 'damaged', detail: 'its data ends with the file' }
            : undefined;
        },
      },
    };
    at = data + size + (size & 1);
  }
}
