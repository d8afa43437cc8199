import { settle, systemClock } from '../../platform/index.ts';
import type { ChildSeam } from '../child-seam.io.ts';
import { fromErrorFrame, toErrorFrame } from '../errors.ts';
import { isToChild, type FromChild, type ToChild } from '../messages.ts';
import { processLog } from '../process-log.io.ts';
import { createLogRing } from './log-ring.io.ts';
import { openControl, type Control } from './control.io.ts';

/** Control as a process. Resolves with the exit code; ends at once when the supervisor is gone. */
export async function runControl(seam: ChildSeam): Promise<number> {
  const { pid } = seam;
  const ended = Promise.withResolvers<number>();
  const asked = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let control: Promise<Control> | undefined;
  const logLines = createLogRing();
  let lastId = 0;

  const ask = (what: 'reload' | 'stop'): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      asked.set(id, { resolve, reject });
      tell({ kind: 'ask', id, what });
    });

  const receive = (message: ToChild): void => {
    if (message.kind === 'start') {
      const log = processLog('control', pid, message.start.config.log, (line) => logLines.add(line));
      control = openControl({ ...message.start, seam, log, logLines, clock: systemClock, ask });
      control.then(
        ({ notices }) => {
          tell({ kind: 'ready', notices });
          settle();
        },
        (error: unknown) => tell({ kind: 'failed', error: toErrorFrame(error) }),
      );
    } else if (message.kind === 'facts') void control?.then((open) => open.setFacts(message.facts), ignored);
    else if (message.kind === 'config') {
      (control ?? Promise.reject(new TypeError('control has not started')))
        .then((open) => open.setConfig(message.config))
        .then(
          () => tell({ kind: 'configured' }),
          (error: unknown) => tell({ kind: 'configured', error: toErrorFrame(error) }),
        );
    } else if (message.kind === 'log') logLines.add(message.line);
    else if (message.kind === 'answer') {
      const waiting = asked.get(message.id);
      asked.delete(message.id);
      if (message.error === undefined) waiting?.resolve(message.result);
      else waiting?.reject(fromErrorFrame(message.error));
    } else if (message.kind === 'stop') {
      void (control ?? Promise.resolve(undefined))
        .then((open) => open?.close())
        .then(
          () => ended.resolve(0),
          () => ended.resolve(1),
        );
    }
  };

  const parent = seam.connectParent({
    onMessage: (message) => {
      if (isToChild(message)) receive(message);
    },
    onGone: () => ended.resolve(0),
  });
  const tell = (message: FromChild): void => parent?.send(message);
  return ended.promise;
}

/** A control that could not start has told the supervisor so. */
function ignored(): void {}
