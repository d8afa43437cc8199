import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Scope } from './scope.ts';

export interface TcpServer {
  readonly port: number;
  /** Open ones, in the order of their coming. */
  readonly sockets: ReadonlySet<Socket>;
}

/** A server that knows no protocol. */
export async function startTcpServer(
  scope: Scope,
  serve: (socket: Socket) => void,
  host = '127.0.0.1',
): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  scope.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  // A server that listens on an IP address has an address with a port.
  return { port: (server.address() as AddressInfo).port, sockets };
}
