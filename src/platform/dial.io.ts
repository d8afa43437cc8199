import { connect, type Socket } from 'node:net';
import { plainAddress } from '../kernel/index.ts';
import { IdleWatch } from './idle-watch.io.ts';
import { ReadBuffers } from './read-buffers.io.ts';
import { sharedOnread, SocketWire, type WireOwner } from './socket-wire.io.ts';

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
  readonly #buffers = new ReadBuffers();
  readonly #onread = sharedOnread(this.#buffers);

  /** Connects to an IP address. The address is used as it is: no name is looked up here. */
  dial(address: string, port: number, timeoutMs: number): Attempt {
    const socket = connect({
      host: address,
      port,
      allowHalfOpen: true,
      noDelay: true,
      autoSelectFamily: false,
      onread: this.#onread,
    });
    return new Dialing(
      socket,
      timeoutMs,
      () => new SocketWire(socket, this, this.#buffers, plainAddress(address)),
    );
  }

  released(): void {
    // Nothing is counted here: the pool and the tunnels know their own wires.
  }
}

/** One attempt; the socket keeps nothing of it once it is connected. */
class Dialing implements Attempt {
  readonly result: Promise<SocketWire | DialFailure>;
  readonly #socket: Socket;
  readonly #settle: (result: SocketWire | DialFailure) => void;
  readonly #timer: NodeJS.Timeout;
  #over = false;

  constructor(socket: Socket, timeoutMs: number, wire: () => SocketWire) {
    const { promise, resolve } = Promise.withResolvers<SocketWire | DialFailure>();
    this.result = promise;
    this.#settle = resolve;
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#fail('timeout'), timeoutMs);
    const onError = (error: NodeJS.ErrnoException): void => this.#fail(failureOf(error.code));
    socket.once('error', onError);
    socket.once('connect', () => {
      if (this.#over) return;
      this.#over = true;
      clearTimeout(this.#timer);
      socket.off('error', onError);
      resolve(wire());
    });
  }

  cancel(): void {
    this.#fail('reset');
  }

  #fail(failure: DialFailure): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#socket.on('error', () => undefined); // already reported
    this.#socket.destroy();
    this.#settle(failure);
  }
}

function failureOf(code: string | undefined): DialFailure {
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
