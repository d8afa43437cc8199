/**
 * The process that renders one export and ends. It yields the processor to everything else, and its memory goes
 * with it. Whoever forks it sends one message, `RenderJob`.
 */
import { setPriority } from 'node:os';
import process from 'node:process';
import { GatewayError, messageOf } from '../../kernel/index.ts';
import { systemClock } from '../../platform/index.ts';
import type { FromRender } from './render-process.io.ts';
import type { RenderJob } from './render-job.ts';
import { renderExport } from './render.io.ts';

const NICE = 10;

setPriority(NICE);
// Without the gateway nobody would ask for the file; what is in the cache is whole at any moment.
process.once('disconnect', () => process.exit(1));
process.once('message', (message) => {
  const answer = (said: FromRender): void => void process.send?.(said, () => process.disconnect());
  // Only our own parent can send here.
  renderExport(message as RenderJob, systemClock).then(
    (artifact) => answer({ type: 'done', artifact }),
    (error: unknown) =>
      answer(
        error instanceof GatewayError
          ? { type: 'failed', code: error.code, kind: error.kind, message: error.message, hint: error.hint }
          : { type: 'failed', code: undefined, kind: 'bug', message: messageOf(error), hint: undefined },
      ),
  );
});
