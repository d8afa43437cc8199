import type { MaybePromise, Wire } from '../../kernel/index.ts';
import { splice } from '../../platform/index.ts';
import type { Upstream } from './upstream.ts';

export interface TunnelTimes {
  readonly tunnelIdleMs: number;
  readonly halfClosedMs: number;
  readonly totalMs: number;
}

/**
 * Joins a client with its upstream; bytes that came early on either side go first. From then on the two
 * belong to each other, and `done` is called when both have closed.
 */
export function tunnel(
  client: Wire,
  upstream: Upstream,
  fromClient: Uint8Array,
  { tunnelIdleMs, halfClosedMs, totalMs }: TunnelTimes,
  done: () => void,
): MaybePromise<void> {
  const down = upstream.early === undefined ? undefined : client.write(upstream.early);
  const up = fromClient.length === 0 ? undefined : upstream.wire.write(fromClient);
  if (down === undefined && up === undefined) {
    join();
    return undefined;
  }
  return Promise.all([down, up]).then(join);

  function join(): void {
    client.setIdle(tunnelIdleMs);
    upstream.wire.setIdle(tunnelIdleMs);
    upstream.wire.setDeadline(totalMs);
    splice(client, upstream.wire, halfClosedMs, done);
  }
}
