import type { PortKey } from '../../kernel/index.ts';
import { saveCompiledCode, systemClock, type NativeHandle } from '../../platform/index.ts';
import { createControlLink, type EdgeControlLink } from '../bus/control-link.io.ts';
import type { ChildSeam } from '../child-seam.io.ts';
import { toErrorFrame } from '../errors.ts';
import { isToChild, type ChildStart, type FromChild, type ToChild } from '../messages.ts';
import { processLog } from '../process-log.io.ts';
import { openEdge, type Edge } from './edge.io.ts';

/**
 * An edge as a process: sockets and configuration come from the supervisor, then it serves until it is told
 * to finish. Resolves with the exit code.
 */
export async function runEdge(seam: ChildSeam): Promise<number> {
  const { pid } = seam;
  const ended = Promise.withResolvers<number>();
  const handles = new Map<PortKey, NativeHandle[]>();
  let edge: Edge | undefined;
  let finishing = false;

  const start = (options: ChildStart): Promise<Edge> => {
    const log = processLog('edge', pid, options.config.log, (line) => link.post('log', line));
    const link: EdgeControlLink = createControlLink({
      pid,
      generation: options.generation,
      log,
      connect: (events) => seam.connectBus(options.socketDir, events),
      random: () => Math.random(),
    });
    return openEdge({ ...options, pid, handles, link, log, clock: systemClock });
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
