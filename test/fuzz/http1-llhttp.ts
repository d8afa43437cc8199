import {
  createServer,
  type IncomingMessage,
  METHODS,
  request as clientRequest,
  type Server,
} from 'node:http';
import { duplexPair } from 'node:stream';
import type { Forwarded } from './http1-drive.ts';

/** What Node's own strict parser reads out of a stream of requests. */
export interface Parsed {
  readonly method: string;
  readonly host: string;
  readonly url: string;
  readonly body: Buffer;
  readonly trailers: number;
}

export interface LlhttpResult {
  readonly requests: readonly Parsed[];
  /** Code of the parser's error; `undefined` when it had none. */
  readonly error: string | undefined;
}

/** Follows the bytes under test, so that the end of what they hold is seen. */
const LAST_URL = '/last-of-the-test';
const LAST = `GET ${LAST_URL} HTTP/1.1\r\nHost: last.test\r\n\r\n`;

/** Node's HTTP server without a socket. One `read` at a time. */
export class Llhttp {
  readonly #server: Server;
  #onRequest: ((request: IncomingMessage) => void) | undefined;
  #onFault: ((code: string) => void) | undefined;

  constructor() {
    this.#server = createServer({ insecureHTTPParser: false, maxHeaderSize: 65_536 }, (request, response) => {
      this.#onRequest?.(request);
      request.on('end', () => response.end());
    });
    this.#server.on('clientError', (error: NodeJS.ErrnoException) =>
      this.#onFault?.(error.code ?? error.message),
    );
    this.#server.on('checkContinue', (request, response) => this.#server.emit('request', request, response));
  }

  /** All requests that the bytes hold; an error when they end inside of one. */
  read(bytes: Uint8Array): Promise<LlhttpResult> {
    const [ours, theirs] = duplexPair();
    const requests: Parsed[] = [];
    return new Promise((resolve) => {
      let open = 0;
      let last = false;
      const finish = (error: string | undefined): void => {
        this.#onRequest = undefined;
        this.#onFault = undefined;
        ours.destroy();
        theirs.destroy();
        resolve({ requests, error });
      };
      this.#onFault = finish;
      this.#onRequest = (request) => {
        open++;
        const pieces: Buffer[] = [];
        const at = requests.length;
        if (request.url === LAST_URL) last = true;
        else requests.push(parsed(request, pieces));
        request.on('data', (piece: Buffer) => pieces.push(piece));
        request.on('end', () => {
          if (request.url !== LAST_URL) requests[at] = parsed(request, pieces);
          open--;
          if (last && open === 0) finish(undefined);
        });
      };
      ours.resume();
      ours.on('error', () => undefined);
      ours.on('close', () => finish('CLOSED'));
      this.#server.emit('connection', theirs);
      ours.write(bytes);
      ours.write(LAST);
    });
  }
}

function parsed(request: IncomingMessage, pieces: readonly Buffer[]): Parsed {
  return {
    method: request.method ?? '',
    host: request.headers.host ?? '',
    url: request.url ?? '',
    body: Buffer.concat(pieces),
    trailers: request.rawTrailers.length / 2,
  };
}

/** Whether the parser knows the method: it refuses all that are not in its list, and hands CONNECT over. */
export function llhttpKnows(request: Forwarded): boolean {
  return METHODS.includes(request.method) && request.method !== 'CONNECT';
}

export interface ParsedResponse {
  readonly status: number;
  readonly reason: string;
  readonly body: Buffer;
  /** The response and nothing behind it, up to the end of the stream. */
  readonly error: string | undefined;
}

/** What Node's HTTP client reads as the answer to a request with `method`. */
export function readResponse(method: string, bytes: Uint8Array): Promise<ParsedResponse> {
  const [ours, theirs] = duplexPair();
  return new Promise((resolve) => {
    const nothing = { status: 0, reason: '', body: Buffer.alloc(0) };
    const request = clientRequest({
      method,
      host: 'a.test',
      createConnection: () => theirs,
    });
    request.on('error', (error) => resolve({ ...nothing, error: error.message }));
    request.on('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', (error) => resolve({ ...nothing, error: error.message }));
      response.on('end', () => {
        const { statusCode = 0, statusMessage = '' } = response;
        resolve({ status: statusCode, reason: statusMessage, body: Buffer.concat(pieces), error: undefined });
      });
    });
    request.end();
    ours.resume();
    ours.end(bytes);
  });
}
