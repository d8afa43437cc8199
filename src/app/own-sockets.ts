import { networkInterfaces } from 'node:os';
import type { PortStatus } from '../kernel/index.ts';

/** The gateway's own listening sockets: never a destination of its proxies. */
export function ownSockets(
  ports: readonly PortStatus[],
): readonly { readonly address: string; readonly port: number }[] {
  return ports
    .filter((row) => row.state === 'open')
    .flatMap(({ addresses, listenPort }) => addresses.map((address) => ({ address, port: listenPort })));
}

/** Addresses of this machine: as destinations they are the gateway itself. */
export function machineAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}
