import type { Child, ForkOptions, ParentEvents } from '../platform/index.ts';
import { connectMemory } from './bus/memory-channel.io.ts';
import type { Accept, ChildSeam } from './child-seam.io.ts';
import type { Role } from './messages.ts';

type Events = Pick<ForkOptions, 'onMessage' | 'onExit'>;

/**
 * "Forks" control and the edge into this very process, for `--edges 0`: the same messages, without a process
 * between them. What would be killed is asked to end at once instead.
 */
export function inProcessFork(pid: number): (role: Exclude<Role, 'supervisor'>, events: Events) => Child {
  const bus: { accept: Accept | undefined } = { accept: undefined };
  return (role, events) => {
    const inbox: Parameters<ParentEvents['onMessage']>[] = [];
    let parent: ParentEvents | undefined;
    const seam: ChildSeam = {
      pid,
      sharedPid: true,
      connectParent: (own) => {
        parent = own;
        for (const message of inbox.splice(0)) own.onMessage(...message);
        return { send: (message) => void setImmediate(() => events.onMessage(message)) };
      },
      connectBus: (_, own) =>
        bus.accept === undefined
          ? Promise.reject(new Error('control has not started yet'))
          : Promise.resolve(connectMemory(bus.accept, own)),
      serveBus: (_, accept) => {
        bus.accept = accept;
        return Promise.resolve({
          close: () => {
            bus.accept = undefined;
            return Promise.resolve();
          },
        });
      },
    };
    void run(role, seam).then((code) => events.onExit(`exit ${code}`));
    const send: Child['send'] = (message, handle) => {
      if (parent === undefined) inbox.push([message, handle]);
      else setImmediate(() => parent?.onMessage(message, handle));
      return true;
    };
    return { pid, send, kill: () => void send({ kind: 'stop', deadlineMs: 0 }) };
  };
}

async function run(role: Exclude<Role, 'supervisor'>, seam: ChildSeam): Promise<number> {
  if (role === 'edge') return (await import('./edge/process.io.ts')).runEdge(seam);
  if (role === 'admin') return (await import('./admin/process.io.ts')).runAdmin(seam);
  return (await import('./control/process.io.ts')).runControl(seam);
}
