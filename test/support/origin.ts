import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Fields, MessageReader, requestFraming } from './http-message.ts';
import type { Message } from './http-message.ts';
import type { Scope } from './scope.ts';

export interface OriginRequest {
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  readonly head: string;
  /** The first megabyte. */
  readonly body: Buffer;
  readonly bodyBytes: number;
  readonly bodySha256: string;
  readonly trailers: Fields;
  /** Number of the connection it came on, from 0, and of the request there. */
  readonly connection: number;
  readonly turn: number;
}

/** What the origin does about one request: it writes to the socket whatever it likes. */
export type Behaviour = (request: OriginRequest, socket: Socket) => void | Promise<void>;

export interface OriginConnection {
  /** Every byte that came, as far as a megabyte. */
  readonly raw: Buffer;
  readonly bytes: number;
  /** The other end has closed, and how. */
  readonly ended: 'open' | 'clean' | 'reset';
}

export interface Origin {
  readonly port: number;
  /** `http://host:port`. */
  readonly url: string;
  readonly requests: readonly OriginRequest[];
  readonly connections: readonly OriginConnection[];
  /** Resolves when that connection has ended. */
  ended(connection: number, timeoutMs?: number): Promise<OriginConnection>;
}

export interface OriginOptions {
  readonly host?: string;
  readonly tls?: { readonly cert: string; readonly key: string };
}

const KEPT_BYTES = 1024 * 1024;

/** An origin server whose answers are scripts: `routes` by path, a query is ignored; others get 404. */
export async function startOrigin(
  scope: Scope,
  routes: Readonly<Record<string, Behaviour>>,
  options: OriginOptions = {},
): Promise<Origin> {
  const host = options.host ?? '127.0.0.1';
  const requests: OriginRequest[] = [];
  const connections: Connection[] = [];
  const sockets = new Set<Socket>();
  const onSocket = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const connection = new Connection(socket, connections.length);
    connections.push(connection);
    connection.serve((request) => {
      requests.push(request);
      return routes[request.target.replace(/^https?:\/\/[^/]+/, '').replace(/\?.*$/, '')] ?? notFound;
    });
  };
  const server =
    options.tls === undefined
      ? createServer({ allowHalfOpen: true, noDelay: true }, onSocket)
      : createTlsServer({ ...options.tls, allowHalfOpen: true }, onSocket);
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  scope.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  // A server that listens on an IP address has an address with a port.
  const { port } = server.address() as AddressInfo;
  const scheme = options.tls === undefined ? 'http' : 'https';
  return {
    port,
    url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    requests,
    connections,
    ended: async (number, timeoutMs = 30_000) => {
      const connection = connections[number];
      if (connection === undefined)
        throw new Error(`no connection ${number}, there are ${connections.length}`);
      await connection.wait(timeoutMs);
      return connection;
    },
  };
}

const notFound: Behaviour = (_request, socket) => {
  socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found');
};

class Connection implements OriginConnection {
  raw: Buffer = Buffer.alloc(0);
  bytes = 0;
  ended: OriginConnection['ended'] = 'open';
  readonly #socket: Socket;
  readonly #number: number;
  #onEnd: () => void = () => {};
  #turn = 0;
  /** Requests are answered one after the other, in their order. */
  #queue: Promise<void> = Promise.resolve();
  #detached = false;

  constructor(socket: Socket, number: number) {
    this.#socket = socket;
    this.#number = number;
    const end = (how: 'clean' | 'reset'): void => {
      if (this.ended === 'open') this.ended = how;
      this.#onEnd();
    };
    socket.on('end', () => end('clean'));
    socket.on('error', () => end('reset'));
    socket.on('close', () => end('reset'));
  }

  serve(route: (request: OriginRequest) => Behaviour): void {
    let incoming = this.#incoming();
    this.#socket.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      if (this.raw.length < KEPT_BYTES) this.raw = Buffer.concat([this.raw, chunk]);
      try {
        let rest = chunk;
        while (rest.length > 0 && !this.#detached) {
          incoming.reader.take(rest);
          if (!incoming.reader.over) return;
          rest = incoming.reader.rest;
          const request = incoming.request();
          const behaviour = route(request);
          this.#queue = this.#queue
            .then(() => behaviour(request, this.#socket))
            .catch(() => void this.#socket.destroy());
          incoming = this.#incoming();
        }
      } catch {
        // A test that lets broken framing come so far looks at `raw`.
        this.#socket.destroy();
      }
    });
    this.#socket.on('end', () => void this.#queue.then(() => this.#socket.end()));
  }

  async wait(timeoutMs: number): Promise<void> {
    if (this.ended !== 'open') return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`connection ${this.#number} is still open`)),
        timeoutMs,
      );
      this.#onEnd = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The next request: its reader, and the whole of it when the reader is over. */
  #incoming(): { readonly reader: MessageReader; request(): OriginRequest } {
    let message: Message = { startLine: '', fields: new Fields([]), head: '' };
    let body: Buffer = Buffer.alloc(0);
    let bodyBytes = 0;
    const hash = createHash('sha256');
    const reader = new MessageReader({
      framing: requestFraming,
      onHead: (found) => {
        message = found;
        if (found.fields.get('expect')?.toLowerCase() === '100-continue') {
          this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n');
        }
        // An upgraded connection speaks no HTTP from here on.
        if (found.fields.has('upgrade')) this.#detached = true;
      },
      onBody: (bytes) => {
        bodyBytes += bytes.length;
        hash.update(bytes);
        if (body.length < KEPT_BYTES) body = Buffer.concat([body, bytes]);
      },
    });
    const request = (): OriginRequest => {
      const [method = '', target = ''] = message.startLine.split(' ');
      const { fields, head } = message;
      const bodySha256 = hash.digest('hex');
      const place = { connection: this.#number, turn: this.#turn++ };
      return {
        method,
        target,
        fields,
        head,
        body,
        bodyBytes,
        bodySha256,
        trailers: reader.trailers,
        ...place,
      };
    };
    return { reader, request };
  }
}
