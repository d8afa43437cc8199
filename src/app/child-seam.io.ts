import {
  connectParent,
  connectUnix,
  listenUnix,
  onSignals,
  removeFile,
  type Channel,
  type ChannelEvents,
  type Parent,
  type ParentEvents,
} from '../platform/index.ts';
import { BUS_CONNECTIONS_MAX, BUS_LIMITS } from './bus/frames.ts';

export type Accept = (channel: Channel) => ChannelEvents;

/** What a control or an edge has around it: a process of its own, or a place in the supervisor's (`--edges 0`). */
export interface ChildSeam {
  readonly pid: number;
  /** All roles are in one process. */
  readonly sharedPid?: boolean;
  connectParent(events: ParentEvents): Parent | undefined;
  /** An edge's way to control; rejects while nobody serves there. */
  connectBus(socketDir: string, events: Accept): Promise<Channel>;
  serveBus(socketDir: string, accept: Accept): Promise<{ close(): Promise<void> }>;
}

/**
 * The seam of a forked process. The supervisor speaks for the whole group: signals that a terminal or a
 * service manager sends to every process of it are left to the supervisor.
 */
export function forkedChild(pid: number): ChildSeam {
  onSignals(['SIGINT', 'SIGTERM', 'SIGHUP'], () => undefined);
  return {
    pid,
    connectParent,
    connectBus: (socketDir, events) => connectUnix(busPath(socketDir), BUS_LIMITS, events),
    serveBus: (socketDir, accept) => {
      const path = busPath(socketDir);
      removeFile(path);
      return listenUnix({ path, limits: BUS_LIMITS, connectionsMax: BUS_CONNECTIONS_MAX, accept });
    },
  };
}

function busPath(socketDir: string): string {
  return `${socketDir}/bus.sock`;
}
