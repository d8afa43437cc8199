import type { MaybePromise } from '../../kernel/index.ts';
import { encodeChunk, encodeLastChunk, LAST_CHUNK } from '../../protocols/http1/index.ts';
import { encodeOriginalBody, type FieldLines, type IcapViolationStop } from '../../protocols/icap/index.ts';
import { answer } from './answers.ts';
import type { MessageHeads } from './message-heads.ts';
import { type After, afterWrite, cut, next, type Turn } from './turn.ts';
import type { Transaction } from './transaction.ts';

/** What waits to be written together. */
const PIECES_BYTES_MAX = 65_536;

/** What goes back: the message as it came, or with another head. */
export interface Passed {
  readonly heads: MessageHeads;
  readonly edited: Uint8Array | undefined;
  readonly fields: FieldLines;
  /** The client takes its own body for the one of the answer. */
  readonly can206: boolean;
  /** The client wants what may follow a body, too. */
  readonly trailers: boolean;
}

/** The body as it comes, behind the same head or another one. There is no preview, or nothing of the body is needed. */
export function echo(session: Turn, tx: Transaction, passed: Passed): MaybePromise<After> {
  const { heads, edited, fields, can206 } = passed;
  const result = edited === undefined ? 'passed' : 'modified';
  const encapsulated = heads.encapsulation(edited);
  if (heads.body !== 'null-body' && edited !== undefined && can206) {
    tx.status = 206;
    const pieces = answer(tx, { status: 206, fields, encapsulated });
    pieces.push(encodeOriginalBody(0));
    return finish(tx, pieces, result);
  }
  tx.status = 200;
  const pieces = answer(tx, { status: 200, fields, encapsulated });
  if (heads.body === 'null-body') return finish(tx, pieces, result);
  const step = gather(session, pieces, passed.trailers);
  return step === 'end' ? finish(tx, pieces, result) : relay(session, tx, pieces, step, passed);
}

type Step = 'end' | 'need-data' | 'full' | IcapViolationStop;

/** Takes what is here, without waiting: a body that came in one piece goes back in one write. */
function gather(session: Turn, pieces: Uint8Array[], trailers: boolean): Step {
  let bytes = 0;
  for (;;) {
    const event = session.next();
    switch (event.kind) {
      case 'body':
        pieces.push(...encodeChunk(event.bytes));
        bytes += event.bytes.length;
        if (bytes >= PIECES_BYTES_MAX) return 'full';
        continue;
      case 'end':
        pieces.push(trailers ? encodeLastChunk(event.trailers) : LAST_CHUNK);
        return 'end';
      case 'need-data':
        return 'need-data';
      case 'violation':
        return event;
      default:
        throw new TypeError(`a body without preview has no ${event.kind}`);
    }
  }
}

async function relay(
  session: Turn,
  tx: Transaction,
  pieces: Uint8Array[],
  first: Step,
  { trailers, edited }: Passed,
): Promise<After> {
  for (let step = first; ; step = gather(session, pieces, trailers)) {
    if (step === 'end') return finish(tx, pieces, edited === undefined ? 'passed' : 'modified');
    if (typeof step === 'object') return session.violated(tx, step);
    // Before the wire is read again: the bytes are gone then.
    if (pieces.length > 0) {
      const done = tx.wire.writeAll(joinSmall(pieces));
      if (done instanceof Promise) await done;
      pieces.length = 0;
    }
    if (step === 'full') continue;
    const more = session.more();
    if (!(more instanceof Promise ? await more : more)) return cut(tx);
  }
}

function finish(
  tx: Transaction,
  pieces: readonly Uint8Array[],
  result: 'passed' | 'modified',
): MaybePromise<After> {
  const done = tx.wire.writeAll(joinSmall(pieces));
  tx.finish(result);
  return afterWrite(done, next(tx));
}

const SMALL_BYTES = 1024;

/** Heads, chunk lines and ends next to each other become one piece: each piece costs more than its copy. */
function joinSmall(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const joined: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const flush = (): void => {
    if (small.length > 0) joined.push(small.length === 1 ? small[0]! : Buffer.concat(small));
    small = [];
  };
  for (const piece of pieces) {
    if (piece.length <= SMALL_BYTES) small.push(piece);
    else {
      flush();
      joined.push(piece);
    }
  }
  flush();
  return joined;
}
