import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../kernel/index.ts';
import type { FromWriter, ToWriter, WriterStart } from './messages.ts';
import { EventWriter } from './writer.io.ts';

// The thread that writes: commits and their fsyncs never stop the loop of control.
const { dir, limits } = workerData as WriterStart;
const writer = new EventWriter(dir, limits, {
  now: () => Date.now(),
  monotonic: () => performance.now(),
});
const answer = (message: FromWriter): void => parentPort?.postMessage(message);

parentPort?.on('message', (message: ToWriter) => {
  switch (message.kind) {
    case 'write':
      try {
        answer({ kind: 'stored', id: message.id, stored: writer.write(message.rows) });
      } catch (error) {
        answer({ kind: 'failed', id: message.id, reason: messageOf(error) });
      }
      break;
    case 'tidy':
      try {
        answer({ kind: 'tidied', removed: writer.tidy() });
      } catch (error) {
        answer({ kind: 'tidied', removed: 0, reason: messageOf(error) });
      }
      break;
    case 'close':
      writer.close();
      parentPort?.close();
      break;
  }
});
