import type { Wire } from '../../kernel/index.ts';
import { encodeChunk, encodeLastChunk, type RequestDecoder } from '../../protocols/http1/index.ts';

/** How far the request body has got; changes while the answer is relayed. */
export interface Upload {
  readonly state: 'running' | 'complete' | 'cut';
  readonly violation: string | undefined;
}

/**
 * Sends the request body on, beside the answer. A body that is cut or breaks the framing resets the
 * upstream connection, so that the server does not take it for a whole one.
 */
export function upload(decoder: RequestDecoder, client: Wire, upstream: Wire, chunked: boolean): Upload {
  const progress: { state: Upload['state']; violation: string | undefined } = {
    state: 'running',
    violation: undefined,
  };
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
          const written = chunked ? upstream.writeAll(encodeChunk(event.bytes)) : upstream.write(event.bytes);
          if (written instanceof Promise) await written;
          if (upstream.ended !== undefined) return cut(undefined);
          continue;
        }
        case 'end':
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

  function cut(violation: string | undefined): void {
    progress.state = 'cut';
    progress.violation = violation;
    upstream.destroy('reset');
  }
}
