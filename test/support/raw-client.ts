import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { Fields, MessageReader, responseFraming } from './http-message.ts';

export interface RawResponse {
  readonly status: number;
  readonly startLine: string;
  readonly fields: Fields;
  readonly head: string;
  readonly body: Buffer;
  readonly bodyBytes: number;
  readonly trailers: Fields;
  /** Status codes of the 1xx answers before it. */
  readonly interim: readonly number[];
  /** False: the connection ended before the message did. */
  readonly complete: boolean;
}

export type RawEnd = 'open' | 'clean' | 'reset';

/** A client that sends bytes as they are, for what no well-behaved client would send. */
export interface RawClient {
  readonly socket: Socket;
  /** How the other end has closed. */
  readonly ended: RawEnd;
  send(bytes: string | Uint8Array): void;
  /** Sends and resolves when it has been taken: slow when the other end is. */
  sendSlowly(bytes: Uint8Array): Promise<void>;
  /** Reads one final response; `onBody` gets the body instead of `body`. */
  response(options?: ResponseOptions): Promise<RawResponse>;
  /** Everything that comes until the other end closes, or the time is over. */
  rest(timeoutMs?: number): Promise<Buffer>;
  /** Waits for bytes and gives exactly so many. */
  bytes(count: number, timeoutMs?: number): Promise<Buffer>;
  closed(timeoutMs?: number): Promise<RawEnd>;
}

export interface ResponseOptions {
  readonly method?: string;
  readonly timeoutMs?: number;
  readonly onBody?: (bytes: Buffer) => void;
}

const TIMEOUT_MS = 60_000;

export async function openRaw(
  port: number,
  options: { readonly host?: string; readonly localAddress?: string } = {},
): Promise<RawClient> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true, ...options });
  const client = new Client(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return client;
}

/** Sends one request on a connection of its own and reads the answer. */
export async function rawRequest(
  port: number,
  bytes: string | Uint8Array,
  options: ResponseOptions = {},
): Promise<RawResponse & { readonly ended: RawEnd }> {
  const client = await openRaw(port);
  try {
    client.send(bytes);
    const response = await client.response(options);
    return { ...response, ended: client.ended };
  } finally {
    client.socket.destroy();
  }
}

/** A GET as a client sends it to a proxy. */
export function proxyGet(url: string, fields: readonly string[] = []): string {
  const { host } = new URL(url);
  return [`GET ${url} HTTP/1.1`, `Host: ${host}`, ...fields, '', ''].join('\r\n');
}

class Client implements RawClient {
  readonly socket: Socket;
  ended: RawEnd = 'open';
  #chunks: Buffer[] = [];
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    const end = (how: RawEnd): void => {
      if (this.ended === 'open') this.ended = how;
      this.#wake();
    };
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#wake();
    });
    socket.on('end', () => end('clean'));
    socket.on('error', () => end('reset'));
    socket.on('close', () => end('reset'));
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  async sendSlowly(bytes: Uint8Array): Promise<void> {
    if (this.socket.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.socket.off('drain', done);
        this.socket.off('close', done);
        resolve();
      };
      this.socket.once('drain', done);
      this.socket.once('close', done);
    });
  }

  async response({
    method = 'GET',
    timeoutMs = TIMEOUT_MS,
    onBody,
  }: ResponseOptions = {}): Promise<RawResponse> {
    const interim: number[] = [];
    for (;;) {
      const response = await this.#message(method, timeoutMs, onBody);
      const goesOn = response.status >= 100 && response.status < 200 && response.status !== 101;
      if (!goesOn) return { ...response, interim };
      interim.push(response.status);
    }
  }

  async #message(method: string, timeoutMs: number, onBody?: (bytes: Buffer) => void): Promise<RawResponse> {
    const body: Buffer[] = [];
    let bodyBytes = 0;
    let found = { startLine: '', fields: new Fields([]), head: '' };
    const reader = new MessageReader({
      framing: (message) =>
        /^HTTP\/1\.1 1\d\d/.test(message.startLine) ? { kind: 'none' } : responseFraming(message, method),
      onHead: (message) => {
        found = message;
      },
      onBody: (bytes) => {
        bodyBytes += bytes.length;
        if (onBody === undefined) body.push(Buffer.from(bytes));
        else onBody(bytes);
      },
    });
    for (;;) {
      for (let chunk = this.#chunks.shift(); chunk !== undefined; chunk = this.#chunks.shift())
        reader.take(chunk);
      if (reader.over) break;
      if (this.ended !== 'open') break;
      await this.#more(timeoutMs, `an answer, have ${JSON.stringify(found.head)} and ${bodyBytes} bytes`);
    }
    const complete = reader.over || (this.ended === 'clean' && reader.end());
    if (reader.rest.length > 0) this.#chunks.unshift(reader.rest);
    return {
      ...found,
      status: Number(found.startLine.slice(9, 12)),
      body: Buffer.concat(body),
      bodyBytes,
      trailers: reader.trailers,
      interim: [],
      complete,
    };
  }

  async rest(timeoutMs = TIMEOUT_MS): Promise<Buffer> {
    await this.closed(timeoutMs);
    return Buffer.concat(this.#chunks.splice(0));
  }

  async bytes(count: number, timeoutMs = TIMEOUT_MS): Promise<Buffer> {
    for (;;) {
      const all = Buffer.concat(this.#chunks.splice(0));
      if (all.length >= count) {
        if (all.length > count) this.#chunks.unshift(all.subarray(count));
        return all.subarray(0, count);
      }
      this.#chunks.push(all);
      if (this.ended !== 'open')
        throw new Error(`closed (${this.ended}) after ${all.length} of ${count} bytes`);
      await this.#more(timeoutMs, `${count} bytes, have ${all.length}`);
    }
  }

  async closed(timeoutMs = TIMEOUT_MS): Promise<RawEnd> {
    while (this.ended === 'open') await this.#more(timeoutMs, 'the end of the connection');
    return this.ended;
  }

  async #more(timeoutMs: number, what: string): Promise<void> {
    const seen = this.#chunks.length;
    if (seen > 0 && what !== 'the end of the connection' && this.ended !== 'open') return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${timeoutMs} ms are over, waiting for ${what}`)),
        timeoutMs,
      );
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
    });
  }
}
