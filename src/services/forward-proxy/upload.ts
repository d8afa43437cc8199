import type { BodyGate } from '../../engines/exchange/index.ts';
import type { MaybePromise, Wire } from '../../kernel/index.ts';
import { encodeChunk, encodeLastChunk, type RequestDecoder } from '../../protocols/http1/index.ts';

/** How far the request body has got; changes while the answer is relayed. */
export interface Upload {
  readonly state: 'running' | 'complete' | 'cut';
  readonly violation: string | undefined;
  /** Why policy does not let the body on; `too-long`: nobody could keep it until its verdict. */
  readonly refused: 'by-policy' | 'too-long' | undefined;
}

export interface Uploaded {
  /** Of the request, encoded. */
  readonly head: Uint8Array;
  /** Rules may change the head once the body is known: it goes with the first byte of the body. */
  readonly headWaits: boolean;
  readonly decoder: RequestDecoder;
  readonly client: Wire;
  readonly upstream: Wire;
  readonly chunked: boolean;
  /** A rule wants the body looked at before it is whole on the other side. */
  readonly gate: BodyGate | undefined;
  /** The gate has nothing more to wait for. Gives the head as it is to go; `hasGone`: it is on its way already. */
  onJudged(hasGone: boolean): Uint8Array;
}

/**
 * Sends the request body on, beside the answer. A body that is cut or breaks the framing resets the
 * upstream connection, so that the server does not take it for a whole one.
 */
export function upload(given: Uploaded): Upload {
  const { decoder, client, upstream, chunked, gate } = given;
  let headHasGone = false;
  const progress: { -readonly [K in keyof Upload]: Upload[K] } = {
    state: 'running',
    violation: undefined,
    refused: undefined,
  };
  if (!given.headWaits) sendHead(given.head);
  void run();
  return progress;

  async function run(): Promise<void> {
    for (;;) {
      const event = decoder.next();
      switch (event.kind) {
        case 'need-data': {
          const read = client.read();
          const chunk = read instanceof Promise ? await read : read;
          if (chunk !== undefined) decoder.receive(chunk);
          else if (client.ended === 'clean') decoder.receiveEnd();
          else return cut(undefined);
          continue;
        }
        case 'body': {
          if (gate !== undefined) {
            const taken = gate.take(event.bytes);
            if (taken instanceof Promise) await taken;
            if (gate.isOver) return refuse('by-policy');
            for (const piece of gate.released()) {
              sendHead(given.head);
              await send(piece);
            }
            gate.recycle();
          } else {
            const written = send(event.bytes);
            if (written instanceof Promise) await written;
          }
          if (upstream.ended !== undefined) return cut(undefined);
          continue;
        }
        case 'end':
          if (gate !== undefined) {
            const result = await gate.finish();
            const head = given.onJudged(headHasGone);
            if (result !== 'pass') return refuse(result === 'refused' ? 'by-policy' : result);
            sendHead(head);
            for await (const piece of gate.rest()) if (piece.length > 0) await send(piece);
            if (upstream.ended !== undefined) return cut(undefined);
          }
          if (chunked) void upstream.write(encodeLastChunk(event.trailers));
          progress.state = 'complete';
          return;
        case 'violation':
          return cut(event.code);
        case 'head':
        case 'closed':
          return cut(undefined);
      }
    }
  }

  function sendHead(bytes: Uint8Array): void {
    if (headHasGone) return;
    headHasGone = true;
    void upstream.write(bytes);
  }

  function send(bytes: Uint8Array): MaybePromise<void> {
    return chunked ? upstream.writeAll(encodeChunk(bytes)) : upstream.write(bytes);
  }

  function refuse(why: 'by-policy' | 'too-long'): void {
    progress.refused = why;
    cut(undefined);
  }

  function cut(violation: string | undefined): void {
    progress.state = 'cut';
    progress.violation = violation;
    upstream.destroy('reset');
  }
}
