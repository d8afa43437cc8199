import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type ErrorKind, GatewayError } from '../../kernel/index.ts';
import { indicatorErrors } from './errors.ts';
import type { ImportOptions, ImportProgress, ImportReport } from './import-types.ts';

/** What the import process says. */
export type FromImport =
  | {
      readonly type: 'progress';
      readonly step: 'wait' | 'read' | 'write';
      readonly done: number;
      readonly total: number;
    }
  | { readonly type: 'done'; readonly report: ImportReport }
  | {
      readonly type: 'failed';
      readonly code: string | undefined;
      readonly kind: ErrorKind;
      readonly message: string;
      readonly hint: string | undefined;
      readonly exit: unknown;
    };

/** Imports in a process of its own, at low priority. */
export function importInProcess(options: ImportOptions, progress: ImportProgress): Promise<ImportReport> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('import-child.io.ts', import.meta.url)), [], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // What this process was started with (a test runner, a profiler) is not for the child.
      execArgv: [],
    });
    let isSettled = false;
    const settle = (act: () => void): void => {
      if (!isSettled) act();
      isSettled = true;
    };
    child.on('message', (message) => {
      // Only our own child can send here.
      const said = message as FromImport;
      if (said.type === 'progress') progress(said.step, said.done, said.total);
      else if (said.type === 'done') settle(() => resolve(said.report));
      else settle(() => reject(errorOf(said)));
    });
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code, signal) => {
      settle(() =>
        reject(indicatorErrors.INDICATORS_IMPORT_DIED({ reason: signal ?? `exit code ${String(code)}` })),
      );
    });
    child.send(options, (error) => {
      if (error !== null) settle(() => reject(error));
    });
  });
}

function errorOf(failure: Extract<FromImport, { type: 'failed' }>): Error {
  const { code, kind, message, hint, exit } = failure;
  if (code === undefined) return new Error(message);
  return new GatewayError({ code, kind, message, ...(hint === undefined ? {} : { hint }) }, { exit });
}
