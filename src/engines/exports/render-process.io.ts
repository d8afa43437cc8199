import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type ErrorKind, GatewayError } from '../../kernel/index.ts';
import type { Artifact } from './artifact.ts';
import { exportErrors } from './errors.ts';
import type { RenderJob } from './render-job.ts';

/** What the rendering process says. */
export type FromRender =
  | { readonly type: 'done'; readonly artifact: Artifact }
  | {
      readonly type: 'failed';
      readonly code: string | undefined;
      readonly kind: ErrorKind;
      readonly message: string;
      readonly hint: string | undefined;
    };

/** Renders in a process of its own, at low priority: no list is so long that anybody else waits for it. */
export function renderInProcess(job: RenderJob, signal?: AbortSignal): Promise<Artifact> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('render-child.io.ts', import.meta.url)), [], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // What this process was started with (a test runner, a profiler) is not for the child.
      execArgv: [],
    });
    const cut = (): void => void child.kill('SIGKILL');
    signal?.addEventListener('abort', cut, { once: true });
    let isSettled = false;
    const settle = (act: () => void): void => {
      if (!isSettled) act();
      isSettled = true;
      signal?.removeEventListener('abort', cut);
    };
    child.on('message', (message) => {
      // Only our own child can send here.
      const said = message as FromRender;
      if (said.type === 'done') settle(() => resolve(said.artifact));
      else settle(() => reject(errorOf(said)));
    });
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code, died) => {
      const { name } = job.variant.definition;
      const reason = died ?? `exit code ${String(code)}`;
      settle(() => reject(exportErrors.EXPORT_RENDER_DIED({ name, reason })));
    });
    child.send(job, (error) => {
      if (error !== null) settle(() => reject(error));
    });
  });
}

function errorOf({ code, kind, message, hint }: Extract<FromRender, { type: 'failed' }>): Error {
  if (code === undefined) return new Error(message);
  return new GatewayError({ code, kind, message, ...(hint === undefined ? {} : { hint }) }, {});
}
