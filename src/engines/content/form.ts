import { FormDecoder, type FormEvent, type FormStop } from '../../protocols/form-data/index.ts';
import { piecesOf } from './source.ts';
import type { Item, Opener, OpenBounds, Sink, Source, Trouble } from './types.ts';

const HEAD_BYTES_MAX = 64 * 1024;

/** Parts of a form (RFC 7578): each file under its name, each field under its own. */
export function formOpener(boundary: string): Opener {
  return function* open(source: Source, { entriesMax }: OpenBounds): Iterable<Item> {
    const form = new FormParts(source, boundary, entriesMax);
    for (;;) {
      const event = form.next();
      switch (event.kind) {
        case 'part': {
          const name = event.fileName ?? event.name;
          yield { kind: 'member', member: { name, read: (sink) => form.into(sink) } };
          break;
        }
        case 'violation':
          yield { kind: 'trouble', name: '', ...troubleOf(event) };
          return;
        case 'end':
          return;
        default:
          // Of a part that was not read to its end.
          break;
      }
    }
  };
}

type Violation = Extract<FormStop, { kind: 'violation' }>;
type Step = Exclude<FormEvent | FormStop, { kind: 'need-data' }>;

class FormParts {
  readonly #decoder: FormDecoder;
  readonly #pieces: Iterator<Buffer>;

  constructor(source: Source, boundary: string, partsMax: number) {
    this.#decoder = new FormDecoder(boundary, { headBytesMax: HEAD_BYTES_MAX, partsMax });
    this.#pieces = piecesOf(source);
  }

  next(): Step {
    for (;;) {
      const event = this.#decoder.next();
      if (event.kind !== 'need-data') return event;
      const piece = this.#pieces.next();
      if (piece.done === true) this.#decoder.receiveEnd();
      else this.#decoder.receive(piece.value);
    }
  }

  into(sink: Sink): Trouble | undefined {
    for (;;) {
      const event = this.next();
      // A copy: the view is of a buffer that goes on.
      if (event.kind === 'data' && !sink(Buffer.from(event.bytes))) return undefined;
      if (event.kind === 'violation') return troubleOf(event);
      if (event.kind === 'part-end' || event.kind === 'end') return undefined;
    }
  }
}

function troubleOf({ code }: Violation): Trouble {
  return { reason: code === 'FORM_TOO_MANY_PARTS' ? 'limit' : 'damaged', detail: code };
}
