import { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import { plainAddress, type MaybePromise, type NetworkSet, type Served, type Wire } from '../kernel/index.ts';
import { IdleWatch } from './idle-watch.io.ts';
import { listenOn, type AcceptedHandle, type NativeHandle } from './listening-handle.io.ts';
import { ReadBuffers } from './read-buffers.io.ts';
import { SocketWire, type WireOwner } from './socket-wire.io.ts';
import { TcpSocket, TcpSockets } from './tcp-socket.io.ts';

export type Refusal = 'not-internal' | 'sessions' | 'sessions-per-source' | 'tls-handshake' | 'descriptors';

export interface AcceptOptions {
  /** Bound listening handles; this process gets copies of its own. */
  readonly handles: readonly NativeHandle[];
  /** Asked for every connection, so that a renewed certificate is used at once. */
  readonly tls?: {
    context(): SecureContext;
    /**
     * Asks for a certificate that an authority of the context has signed. A wrong one is refused; `require`: none is,
     * too.
     */
    readonly clients?: 'request' | 'require';
  };
  readonly limits: {
    readonly sessionsMax: number;
    readonly sessionsPerSourceMax: number;
    readonly idleMs: number;
    /** Bounds the TLS handshake. */
    readonly headMs: number;
  };
  /** Sources outside are refused before a byte is read. */
  readonly internal: NetworkSet;
  onRefused(reason: Refusal): void;
  /** A session begins; `onClosed` follows when its connection is gone, however long that takes. */
  onOpened?(): void;
  onClosed?(): void;
  /** A session that rejected: a bug of ours. The connection is closed, others are not touched. */
  onError(error: unknown): void;
  serve(wire: Wire): MaybePromise<Served>;
}

export interface Acceptor {
  readonly open: number;
  stopAccepting(): void;
  /** Ends every connection for which `idle` says so. */
  closeIf(idle: (wire: Wire) => boolean): void;
  destroy(): void;
}

/** Accepts on shared listening sockets. The guard comes first: network, then sessions, then TLS. */
export function acceptOn(options: AcceptOptions): Promise<Acceptor> {
  const listener = new Listener(options);
  try {
    listener.listen();
    return Promise.resolve(listener);
  } catch (error) {
    listener.stopAccepting();
    return Promise.reject(error);
  }
}

class Listener implements Acceptor, WireOwner {
  readonly watch = new IdleWatch();
  readonly #options: AcceptOptions;
  readonly #wires = new Set<SocketWire>();
  readonly #perSource = new Map<string, number>();
  readonly #sockets = new TcpSockets(new ReadBuffers());
  /** Filled by the system for every connection: an object of its own would cost more than the question. */
  readonly #peer = { address: '', family: '', port: 0 };
  #handshakes = 0;

  constructor(options: AcceptOptions) {
    this.#options = options;
  }

  get open(): number {
    return this.#wires.size + this.#handshakes;
  }

  listen(): void {
    for (const handle of this.#options.handles)
      listenOn(handle, (status, client) => this.#accept(status, client));
  }

  stopAccepting(): void {
    for (const handle of this.#options.handles) handle.close();
  }

  closeIf(idle: (wire: Wire) => boolean): void {
    for (const wire of this.#wires) if (idle(wire)) wire.linger();
  }

  destroy(): void {
    this.stopAccepting();
    for (const wire of this.#wires) wire.destroy('reset');
  }

  released(wire: SocketWire): void {
    this.#wires.delete(wire);
    this.#options.onClosed?.();
    this.#leave(wire.peerAddress);
  }

  #accept(status: number, client: AcceptedHandle | undefined): void {
    if (client === undefined) {
      if (status !== 0) this.#options.onRefused('descriptors');
      return;
    }
    const peer = this.#peer;
    peer.address = '';
    client.getpeername(peer);
    const source = plainAddress(peer.address);
    const refusal = this.#refusalOf(source);
    if (refusal !== undefined) {
      client.reset();
      this.#options.onRefused(refusal);
      return;
    }
    this.#perSource.set(source, (this.#perSource.get(source) ?? 0) + 1);
    // Answers are written whole; waiting for more would only delay them.
    client.setNoDelay(true);
    if (this.#options.tls === undefined) this.#start(client, source, peer.port);
    else this.#secure(client, this.#options.tls, source);
  }

  #refusalOf(source: string): Refusal | undefined {
    const { internal, limits } = this.#options;
    const open = this.#perSource.get(source);
    // Who has a connection open is internal.
    if (open === undefined && !internal.hasText(source)) return 'not-internal';
    if (this.open >= limits.sessionsMax) return 'sessions';
    return (open ?? 0) >= limits.sessionsPerSourceMax ? 'sessions-per-source' : undefined;
  }

  #start(client: AcceptedHandle, source: string, port: number): void {
    const socket = new TcpSocket(client, this.#sockets, source, port);
    void this.#run(new SocketWire(socket, this, this.#sockets.buffers));
  }

  #secure(client: AcceptedHandle, options: NonNullable<AcceptOptions['tls']>, source: string): void {
    const socket = new Socket({ handle: client, allowHalfOpen: true } as object);
    const tls = new TLSSocket(socket, {
      isServer: true,
      secureContext: options.context(),
      ALPNProtocols: ['http/1.1'],
      ...(options.clients === undefined
        ? {}
        : { requestCert: true, rejectUnauthorized: options.clients === 'require' }),
    });
    this.#handshakes++;
    const over = (): void => {
      clearTimeout(deadline);
      this.#handshakes--;
      tls.off('error', fail);
      tls.off('close', fail);
      tls.off('end', fail);
    };
    const fail = (): void => {
      over();
      this.#options.onRefused('tls-handshake');
      tls.on('error', ignored);
      tls.destroy();
      socket.destroy();
      this.#leave(source);
    };
    const deadline = setTimeout(fail, this.#options.limits.headMs);
    socket.on('error', ignored);
    tls.once('error', fail);
    tls.once('close', fail);
    // A client that goes away in its handshake must not hold a place until the deadline.
    tls.once('end', fail);
    tls.once('secure', () => {
      if (options.clients !== undefined && !isSignedClient(tls, options.clients)) {
        fail();
        return;
      }
      over();
      void this.#run(new SocketWire(tls, this));
    });
  }

  async #run(wire: SocketWire): Promise<void> {
    this.#wires.add(wire);
    this.#options.onOpened?.();
    wire.setIdle(this.#options.limits.idleMs);
    try {
      const served = this.#options.serve(wire);
      if ((served instanceof Promise ? await served : served) !== 'detached') wire.linger();
    } catch (error) {
      wire.destroy('reset');
      this.#options.onError(error);
    }
  }

  #leave(source: string): void {
    const left = (this.#perSource.get(source) ?? 1) - 1;
    if (left > 0) this.#perSource.set(source, left);
    else this.#perSource.delete(source);
  }
}

/** Node itself looks at the certificate only in its own TLS server. */
function isSignedClient(tls: TLSSocket, clients: 'request' | 'require'): boolean {
  // Not in the types; there as long as the socket is.
  const { _handle: handle } = tls as unknown as { readonly _handle?: { verifyError(): Error | null } };
  if (handle === undefined) return false;
  const isThere = Object.keys(tls.getPeerCertificate()).length > 0;
  return isThere ? handle.verifyError() === null : clients === 'request';
}

function ignored(): void {
  // The wire or the failed handshake has reported it.
}
