import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../kernel/index.ts';
import { TargetHost } from './host.io.ts';
import type { FromTargets, TargetsStart, ToTargets } from './messages.ts';

const STATUS_MS = 100;

/** The thread of the log targets: wording, queues on the disk and connections. */
function serve(tell: (message: FromTargets) => void): void {
  const host = new TargetHost(workerData as TargetsStart, tell);
  let told = '';
  const timer = setInterval(() => {
    const statuses = host.statuses();
    const text = JSON.stringify(statuses);
    if (text !== told) tell({ kind: 'statuses', statuses });
    told = text;
  }, STATUS_MS);
  /** Changes of the targets wait for each other; events do not wait for them. */
  let using: Promise<void> = Promise.resolve();

  async function work(message: Exclude<ToTargets, { kind: 'close' }>): Promise<void> {
    switch (message.kind) {
      case 'use':
        return (using = using.then(() => host.use(message.targets, message.limits)));
      case 'offer':
        return host.offer(message);
      case 'deliver':
        return host.deliver(message.name, message.line);
      case 'test':
        return host.test(message.target, message.line);
    }
  }

  parentPort?.on('message', (message: ToTargets) => {
    if (message.kind === 'close') {
      clearInterval(timer);
      void host.close().finally(() => parentPort?.close());
      return;
    }
    const { id } = message;
    work(message).then(
      () => tell({ kind: 'done', id, statuses: host.statuses() }),
      (error: unknown) => tell({ kind: 'failed', id, reason: messageOf(error) }),
    );
  });
}

serve((message) => parentPort?.postMessage(message));
