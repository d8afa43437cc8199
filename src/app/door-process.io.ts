import type { PortKey } from '../kernel/index.ts';
import { saveCompiledCode, systemClock, type NativeHandle } from '../platform/index.ts';
import { createControlLink, type EdgeControlLink } from './bus/control-link.io.ts';
import type { ChildSeam } from './child-seam.io.ts';
import { toErrorFrame } from './errors.ts';
import { isToChild, type ChildStart, type FromChild, type ToChild } from './messages.ts';
import { processLog } from './process-log.io.ts';
import type { Edge, EdgeOptions } from './edge/options.ts';

export interface DoorProcess {
  readonly role: 'edge' | 'admin';
  /** Retained topics that control tells it; absent: all. */
  readonly topics?: readonly string[];
  open(options: EdgeOptions): Promise<Edge>;
}

/**
 * A process with doors: sockets and configuration come from the supervisor, then it serves until it is told
 * to finish. Resolves with the exit code.
 */
export async function runDoorProcess(
  { role, topics, open: openDoors }: DoorProcess,
  seam: ChildSeam,
): Promise<number> {
  const { pid } = seam;
  // In one process with the edge (`--edges 0`) it must be another name on the bus.
  const linkPid = role === 'admin' ? (seam.sharedPid === true ? 0 : pid) : pid;
  const ended = Promise.withResolvers<number>();
  const handles = new Map<PortKey, NativeHandle[]>();
  let edge: Edge | undefined;
  let finishing = false;

  const start = (options: ChildStart): Promise<Edge> => {
    const log = processLog(role, pid, options.config.log, (line) => link.post('log', line));
    const link: EdgeControlLink = createControlLink({
      pid: linkPid,
      generation: options.generation,
      log,
      ...(topics === undefined ? {} : { topics }),
      connect: (events) => seam.connectBus(options.socketDir, events),
      random: () => Math.random(),
    });
    return openDoors({ ...options, pid, handles, link, log, clock: systemClock });
  };

  const finish = async (work: (open: Edge) => Promise<void>): Promise<void> => {
    finishing = true;
    // An edge that has not started has nothing to finish, and what it waits for may never come.
    if (edge !== undefined) await work(edge);
    ended.resolve(0);
  };

  const receive = (message: ToChild, handle: NativeHandle | undefined): void => {
    if (message.kind === 'handle' && handle !== undefined) {
      handles.set(message.key, [...(handles.get(message.key) ?? []), handle]);
    } else if (message.kind === 'start') {
      start(message.start).then(
        (open) => {
          edge = open;
          tell({ kind: 'ready', notices: [] });
          saveCompiledCode();
        },
        (error: unknown) => tell({ kind: 'failed', error: toErrorFrame(error) }),
      );
    } else if (message.kind === 'drain') void finish((open) => open.drain());
    else if (message.kind === 'stop') void finish((open) => open.stop(message.deadlineMs));
  };

  const parent = seam.connectParent({
    onMessage: (message, handle) => {
      if (isToChild(message)) receive(message, handle);
    },
    // Nobody will replace us: stop accepting, so that the ports come free, and let what is open end.
    onGone: () => {
      if (!finishing) void finish((open) => open.drain());
    },
  });
  const tell = (message: FromChild): void => parent?.send(message);
  return ended.promise;
}
