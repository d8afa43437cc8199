/**
 * The import process: does one import and ends. It yields the processor to everything else, and its
 * memory goes with it. Whoever forks it sends one message, `ImportOptions`.
 */
import { setPriority } from 'node:os';
import process from 'node:process';
import { GatewayError, messageOf } from '../../kernel/index.ts';
import { type FromImport } from './import-process.io.ts';
import type { ImportOptions } from './import-types.ts';
import { importFeed } from './import.io.ts';

const NICE = 10;

const send = (message: FromImport): void => {
  process.send?.(message);
};

setPriority(NICE);
// Without the gateway nobody would hear the result; the files are safe at any moment.
process.once('disconnect', () => process.exit(1));
process.once('message', (message) => {
  // Only our own parent can send here.
  const options = message as ImportOptions;
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  importFeed(options, clock, (step, done, total) => send({ type: 'progress', step, done, total })).then(
    (report) => process.send?.({ type: 'done', report } satisfies FromImport, () => process.disconnect()),
    (error: unknown) => {
      const known = error instanceof GatewayError ? error : undefined;
      const failure: FromImport = {
        type: 'failed',
        code: known?.code,
        kind: known?.kind ?? 'bug',
        message: messageOf(error),
        hint: known?.hint,
        exit: known?.details['exit'],
      };
      process.send?.(failure, () => process.disconnect());
    },
  );
});
