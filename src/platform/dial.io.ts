import { plainAddress } from '../kernel/index.ts';
import { IdleWatch, type Watched } from './idle-watch.io.ts';
import type { AcceptedHandle } from './listening-handle.io.ts';
import { ReadBuffers } from './read-buffers.io.ts';
import { SocketWire, type WireOwner } from './socket-wire.io.ts';
import { connectTcp, type ConnectListener } from './tcp-handle.io.ts';
import { TcpSocket, TcpSockets } from './tcp-socket.io.ts';

export type DialFailure = 'refused' | 'unreachable' | 'timeout' | 'reset' | 'limit' | 'error';

export interface Attempt {
  /** The wire, or why there is none. Never rejects. */
  readonly result: Promise<SocketWire | DialFailure>;
  /** Gives up; `result` then says `reset`. Does nothing once connected. */
  cancel(): void;
}

/** Opens connections that share one set of read buffers and one idle watch. */
export class Dialer implements WireOwner {
  readonly watch = new IdleWatch();
  readonly sockets = new TcpSockets(new ReadBuffers());

  /** Connects to an IP address. The address is used as it is: no name is looked up here. */
  dial(address: string, port: number, timeoutMs: number): Attempt {
    return new Dialing(this, address, port, timeoutMs);
  }

  released(): void {
    // Nothing is counted here: the pool and the tunnels know their own wires.
  }
}

/** One attempt. Its time is kept by the watch of the wires: a timer of its own would be made and thrown away. */
class Dialing implements Attempt, Watched, ConnectListener {
  readonly result: Promise<SocketWire | DialFailure>;
  readonly idleMs: number;
  readonly waits = true;
  active = false;
  quietSince = performance.now();
  readonly #dialer: Dialer;
  readonly #address: string;
  readonly #port: number;
  readonly #settle: (result: SocketWire | DialFailure) => void;
  readonly #handle: Pick<AcceptedHandle, 'close'>;
  #over = false;

  constructor(dialer: Dialer, address: string, port: number, timeoutMs: number) {
    const { promise, resolve } = Promise.withResolvers<SocketWire | DialFailure>();
    this.result = promise;
    this.#settle = resolve;
    this.idleMs = timeoutMs;
    this.#dialer = dialer;
    this.#address = address;
    this.#port = port;
    dialer.watch.add(this);
    dialer.watch.limit(timeoutMs);
    this.#handle = connectTcp(address, port, this);
  }

  cancel(): void {
    this.#giveUp('reset');
  }

  silent(): void {
    this.#giveUp('timeout');
  }

  connected(handle: AcceptedHandle): void {
    if (this.#over) return;
    handle.setNoDelay(true);
    const { sockets } = this.#dialer;
    const socket = new TcpSocket(handle, sockets, plainAddress(this.#address), this.#port);
    this.#finish(new SocketWire(socket, this.#dialer, sockets.buffers));
  }

  refused(code: string): void {
    if (!this.#over) this.#finish(failureOf(code));
  }

  #giveUp(failure: DialFailure): void {
    if (this.#over) return;
    this.#finish(failure);
    this.#handle.close();
  }

  #finish(result: SocketWire | DialFailure): void {
    this.#over = true;
    this.#dialer.watch.delete(this);
    this.#settle(result);
  }
}

function failureOf(code: string): DialFailure {
  switch (code) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EACCES':
    case 'EPERM':
      return 'unreachable';
    case 'ETIMEDOUT':
      return 'timeout';
    case 'ECONNRESET':
      return 'reset';
    case 'EMFILE':
    case 'ENFILE':
    case 'EADDRNOTAVAIL':
      return 'limit';
    default:
      return 'error';
  }
}
