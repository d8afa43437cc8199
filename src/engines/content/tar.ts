import { TarReader, type TarViolation } from '../../protocols/tar/index.ts';
import { piecesOf } from './source.ts';
import type { Item, OpenBounds, Sink, Source, Trouble } from './types.ts';

const NAME_MAX = 64 * 1024;

/** Files of a tar archive, one after the other. */
export function* tarOpener(source: Source, { entriesMax }: OpenBounds): Iterable<Item> {
  const reader = new TarReader({ nameBytesMax: NAME_MAX, entriesMax });
  const pieces = piecesOf(source);
  for (;;) {
    const event = reader.next();
    switch (event.kind) {
      case 'need-data':
        feed(reader, pieces);
        break;
      case 'file':
        yield {
          kind: 'member',
          member: { name: event.name, read: (sink) => contentInto(reader, pieces, sink) },
        };
        break;
      case 'data':
      case 'file-end':
        // Of a file that was not read to its end.
        break;
      case 'end':
        return;
      case 'violation':
        yield { kind: 'trouble', name: '', ...troubleOf(event.code) };
        return;
    }
  }
}

function feed(reader: TarReader, pieces: Iterator<Buffer>): void {
  const next = pieces.next();
  if (next.done === true) reader.receiveEnd();
  else reader.receive(next.value);
}

function contentInto(reader: TarReader, pieces: Iterator<Buffer>, sink: Sink): Trouble | undefined {
  for (;;) {
    const event = reader.next();
    if (event.kind === 'need-data') feed(reader, pieces);
    else if (event.kind === 'data') {
      // A copy: the reader's view is of a buffer that goes on.
      if (!sink(Buffer.from(event.bytes))) return undefined;
    } else if (event.kind === 'violation') return troubleOf(event.code);
    else return undefined;
  }
}

function troubleOf(code: TarViolation): Trouble {
  return { reason: code === 'TAR_TOO_MANY_FILES' ? 'limit' : 'damaged', detail: code };
}
