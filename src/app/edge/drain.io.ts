import { setTimeout as sleep } from 'node:timers/promises';
import type { Service, Wire } from '../../kernel/index.ts';
import type { EdgeHost } from './host.ts';

/** How often the connections left are counted while an edge drains; nothing counts them otherwise. */
const LOOK_MS = 50;

export interface DrainTimes {
  /** A connection that waits for a next request is closed after this time. */
  readonly idleMs: number;
  /** Whatever is open then is cut. */
  readonly maxMs: number;
  now(): number;
}

/**
 * Lets an edge finish: no new connections, the last answer on each connection says so, connections that only
 * wait are closed after `idleMs`, and everything else after `maxMs`. Resolves when nothing is open.
 * `cut` ends it early.
 */
export async function drain(
  host: EdgeHost,
  services: readonly Service[],
  times: DrainTimes,
  cut: AbortSignal,
): Promise<void> {
  const began = times.now();
  for (const service of services) service.drain();
  host.stopAccepting();
  const waiting = (wire: Wire): boolean => services.some((service) => service.waiting?.(wire) === true);
  while (host.open > 0 && !cut.aborted) {
    const tookMs = times.now() - began;
    if (tookMs >= times.maxMs) break;
    if (tookMs >= times.idleMs) host.closeIf(waiting);
    // An abort is the end of the wait, not a failure.
    await sleep(LOOK_MS, undefined, { signal: cut }).catch(() => undefined);
  }
  host.destroy();
}
