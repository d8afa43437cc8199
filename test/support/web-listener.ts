import type { PortKey } from '../../src/kernel/index.ts';
import { NetworkSet } from '../../src/kernel/index.ts';
import { acceptOn, bindPort } from '../../src/platform/index.ts';
import type { Scope } from './scope.ts';
import type { WebDoor } from './web-doors.ts';

/** Puts a door of HTTP on a free port of loopback; gives the port. */
export async function listenFor(scope: Scope, door: WebDoor, key: PortKey): Promise<number> {
  const bound = bindPort('127.0.0.1', 0);
  if ('errno' in bound) throw new Error(bound.errno);
  const acceptor = await acceptOn({
    handles: [bound.native],
    limits: { sessionsMax: 100, sessionsPerSourceMax: 100, idleMs: 10_000, headMs: 5000 },
    internal: new NetworkSet(['127.0.0.0/8']),
    onRefused: () => undefined,
    onError: (error) => {
      throw error;
    },
    serve: (wire) => door.serve(key, wire),
  });
  scope.after(() => {
    acceptor.destroy();
    bound.close();
  });
  return bound.port;
}
