import { Worker } from 'node:worker_threads';
import {
  predictionErrors,
  type FileModelBody,
  type MeasuredCurve,
  type MeasuredGroup,
} from '../prediction/index.ts';
import { LEAST_FILES } from './own-data.io.ts';

export interface TrainerTask {
  readonly kind: 'train' | 'evaluate';
  /** Folder or table of good files, and of bad ones. */
  readonly good: string | undefined;
  readonly bad: string | undefined;
  /** Folder with the tables of `01-pe`. */
  readonly tables: string | undefined;
  /** To be measured; `undefined`: models are trained for each split. */
  readonly model?: { readonly version: string; readonly body: unknown } | undefined;
}

export interface Measured {
  readonly curves: readonly MeasuredCurve[];
  readonly groups: readonly MeasuredGroup[];
}

export type FromTrainer =
  | { readonly kind: 'progress'; readonly line: string }
  | { readonly kind: 'trained'; readonly body: FileModelBody }
  | ({ readonly kind: 'measured' } & Measured)
  | { readonly kind: 'failed'; readonly why: string };

/** In a thread of its own; resolves with its last word. */
export function runTrainer(
  task: TrainerTask,
  progress: (line: string) => void,
): Promise<Extract<FromTrainer, { kind: 'trained' | 'measured' }>> {
  return new Promise((resolve, reject) => {
    const path = [task.good, task.bad, task.tables].filter((each) => each !== undefined).join(', ');
    const worker = new Worker(new URL('worker.io.ts', import.meta.url), {
      workerData: task,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 2_048 },
    });
    worker.on('message', (message: FromTrainer) => {
      if (message.kind === 'progress') progress(message.line);
      else if (message.kind === 'failed') {
        reject(predictionErrors.PREDICTION_DATA({ path, why: message.why, least: LEAST_FILES }));
      } else resolve(message);
    });
    worker.on('error', (cause) => {
      const why = 'the thread that trains has died';
      reject(predictionErrors.PREDICTION_DATA({ path, why, least: LEAST_FILES }, { cause }));
    });
  });
}
