import * as net from 'node:net';
import { getSystemErrorName } from 'node:util';

/** What the kernel calls a bound socket before anybody accepts on it. Travels to child processes as it is. */
export interface NativeHandle {
  close(): void;
  getsockname(out: { address?: string; port?: number }): number;
}

/** An accepted connection before it is a socket. */
export interface AcceptedHandle {
  getpeername(out: { address?: string; port?: number }): number;
  setNoDelay(enable: boolean): number;
  /** Closes with RST. */
  reset(): number;
  close(): void;
}

/** Longest queue of connections that wait to be accepted; the kernel's own bound applies too (`net.core.somaxconn`). */
const BACKLOG = 4096;

/**
 * Accepts on a handle without a `net.Server`: the guard sees a connection before a socket is made of it,
 * and the socket may read into shared buffers. `client` is absent when accepting failed (`status` says how).
 * Throws when the system does not let us listen.
 */
export function listenOn(
  handle: NativeHandle,
  onConnection: (status: number, client: AcceptedHandle | undefined) => void,
): void {
  // What net.Server does with its handle; not in the types.
  const native = handle as NativeHandle & {
    onconnection: (status: number, client: AcceptedHandle | undefined) => void;
    listen(backlog: number): number;
  };
  native.onconnection = onConnection;
  const failed = native.listen(BACKLOG);
  if (failed !== 0) throw new Error(`cannot listen: ${getSystemErrorName(failed)}`);
}

/** A bound TCP socket without an accept loop: who holds it keeps the port and its queue, whoever else comes and goes. */
export interface ListeningHandle {
  readonly address: string;
  /** The real one, also where 0 was asked for. */
  readonly port: number;
  readonly native: NativeHandle;
  close(): void;
}

/** Why a port could not be had, as the system says it: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`. */
export interface BindFailure {
  readonly errno: string;
}

type CreateServerHandle = (
  address: string,
  port: number,
  family: 4 | 6,
  fd: -1,
  flags: number,
) => NativeHandle | number;

// Node's own cluster primary makes its shared handles with this function; it is not in the types.
const createServerHandle = (net as unknown as { readonly _createServerHandle: CreateServerHandle })
  ._createServerHandle;

/**
 * Binds a port and does not listen: the first child that listens on the handle opens it.
 * libuv keeps EADDRINUSE back until `listen`, and a handle that failed would listen on a random port in the
 * child: so the name of the socket is read, which is where libuv tells.
 */
export function bindPort(address: string, port: number): ListeningHandle | BindFailure {
  const native = createServerHandle(address, port, net.isIPv6(address) ? 6 : 4, -1, 0);
  if (typeof native === 'number') return { errno: getSystemErrorName(native) };
  const name: { address?: string; port?: number } = {};
  const failed = native.getsockname(name);
  if (failed !== 0 || name.port === undefined) {
    native.close();
    return { errno: failed === 0 ? 'EINVAL' : getSystemErrorName(failed) };
  }
  return { address, port: name.port, native, close: () => native.close() };
}

/** Every address of the machine: one socket for IPv6 and IPv4 where the machine has IPv6. */
export function bindEverywhere(port: number): ListeningHandle | BindFailure {
  const dual = bindPort('::', port);
  if ('native' in dual || (dual.errno !== 'EAFNOSUPPORT' && dual.errno !== 'EADDRNOTAVAIL')) return dual;
  return bindPort('0.0.0.0', port);
}
