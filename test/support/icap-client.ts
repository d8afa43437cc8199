import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { encodeChunk, LAST_CHUNK } from '../../src/protocols/http1/index.ts';
import {
  encodePreview,
  encodeRequest,
  IcapResponseDecoder,
  type IcapResponseHead,
} from '../../src/protocols/icap/index.ts';

export interface Question {
  readonly method: 'OPTIONS' | 'REQMOD' | 'RESPMOD';
  /** `/avscan`, with its query. */
  readonly service: string;
  /** Heads of HTTP, without their blank line. */
  readonly request?: string;
  readonly response?: string;
  readonly body?: Buffer;
  readonly preview?: number;
  readonly allow?: readonly string[];
  readonly fields?: readonly (readonly [string, string])[];
  readonly chunkBytes?: number;
}

export interface Reply {
  readonly status: number;
  /** The ICAP head. */
  readonly head: string;
  /** Value of an ICAP field. */
  field(name: string): string | undefined;
  /** The encapsulated heads; empty: there is none. */
  readonly request: string;
  readonly response: string;
  readonly body: Buffer;
  readonly originalBodyFrom: number | undefined;
  /** The server asked for what is behind the preview. */
  readonly continued: boolean;
}

const LIMITS = {
  headBytesMax: 65_536,
  targetBytesMax: 8192,
  fieldsMax: 200,
  chunkLineBytesMax: 256,
  trailerBytesMax: 8192,
  encapsulatedBytesMax: 131_072,
};

/** An ICAP client of our own: says what a test wants said, and takes every answer apart. */
export class IcapClient {
  readonly socket: Socket;
  readonly #decoder = new IcapResponseDecoder(LIMITS);
  readonly #chunks: Buffer[] = [];
  #wake: (() => void) | undefined;
  #over = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#wake?.();
    });
    for (const event of ['end', 'close', 'error'] as const) {
      socket.on(event, () => {
        this.#over = true;
        this.#wake?.();
      });
    }
  }

  static async open(port: number): Promise<IcapClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new IcapClient(socket);
  }

  /** One request and its answer; throws when the connection ends before. */
  async ask(question: Question): Promise<Reply> {
    const { method, body, preview } = question;
    const section =
      method === 'OPTIONS' || body === undefined
        ? 'null-body'
        : method === 'REQMOD'
          ? 'req-body'
          : 'res-body';
    const isPreviewed = preview !== undefined && body !== undefined;
    this.#decoder.begin({ method, previewed: isPreviewed });
    this.#write(
      encodeRequest({
        method,
        target: `icap://127.0.0.1${question.service}`,
        host: '127.0.0.1',
        allow: question.allow ?? [],
        fields: question.fields ?? [],
        keepAlive: true,
        ...(isPreviewed ? { preview } : {}),
        encapsulated: {
          request: headOf(question.request),
          response: headOf(question.response),
          body: section,
        },
      }),
    );
    let rest = body;
    if (isPreviewed) {
      const shown = encodePreview(body, preview, true);
      this.#write(shown.pieces);
      rest = shown.rest as Buffer;
    } else if (body !== undefined) void this.#send(body, question.chunkBytes);
    return this.#answer(isPreviewed ? rest : undefined, question.chunkBytes);
  }

  close(): void {
    this.socket.destroy();
  }

  async #answer(rest: Buffer | undefined, chunkBytes: number | undefined): Promise<Reply> {
    let head: IcapResponseHead | undefined;
    let texts = { head: '', request: '', response: '' };
    let continued = false;
    const body: Buffer[] = [];
    for (;;) {
      const event = this.#decoder.next();
      switch (event.kind) {
        case 'need-data':
          await this.#more();
          continue;
        case 'head':
          if (event.head.status === 100) {
            continued = true;
            void this.#send(rest!, chunkBytes);
            continue;
          }
          head = event.head;
          texts = {
            head: Buffer.from(head.bytes).toString('latin1'),
            request: Buffer.from(head.request?.bytes ?? []).toString('latin1'),
            response: Buffer.from(head.response?.bytes ?? []).toString('latin1'),
          };
          continue;
        case 'body':
          body.push(Buffer.from(event.bytes));
          continue;
        case 'end': {
          const { status } = head!;
          const lines = texts.head.split('\r\n');
          return {
            status,
            ...texts,
            field: (name) =>
              lines
                .find((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
                ?.slice(name.length + 1)
                .trim(),
            body: Buffer.concat(body),
            originalBodyFrom: event.originalBodyFrom,
            continued,
          };
        }
        default:
          throw new Error(`the answer is none: ${JSON.stringify(event)}`);
      }
    }
  }

  async #more(): Promise<void> {
    while (this.#chunks.length === 0) {
      if (this.#over) throw new Error('the connection ended before the answer');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#decoder.receive(this.#chunks.shift()!);
  }

  #write(pieces: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(pieces));
  }

  async #send(body: Buffer, chunkBytes = 65_536): Promise<void> {
    for (let at = 0; at < body.length && !this.#over; at += chunkBytes) {
      const piece = body.subarray(at, at + chunkBytes);
      if (!this.socket.write(Buffer.concat(encodeChunk(piece)))) {
        await Promise.race([once(this.socket, 'drain'), once(this.socket, 'close')]).catch(() => undefined);
      }
    }
    this.socket.write(LAST_CHUNK);
  }
}

function headOf(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(`${text.replaceAll('\n', '\r\n')}\r\n\r\n`, 'latin1');
}

/** A page that a client got from somewhere, for RESPMOD. */
export function page(body: Buffer, more: Partial<Question> = {}): Question {
  return {
    method: 'RESPMOD',
    service: '/respmod',
    request: 'GET http://www.example.test/file.bin HTTP/1.1\nHost: www.example.test\nAccept: text/html',
    response: `HTTP/1.1 200 OK\nContent-Type: application/octet-stream\nContent-Length: ${body.length}`,
    body,
    ...more,
  };
}

/** What a client wants to send somewhere, for REQMOD. */
export function upload(body: Buffer, more: Partial<Question> = {}): Question {
  return {
    method: 'REQMOD',
    service: '/reqmod',
    request: `POST http://www.example.test/form HTTP/1.1\nHost: www.example.test\nContent-Length: ${body.length}`,
    body,
    ...more,
  };
}

/** The test file of EICAR, in two parts so that this file is none. */
export const EICAR = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''),
  'latin1',
);
