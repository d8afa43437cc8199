/** The thread that trains and measures: a minute of work that nobody should wait for. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../kernel/index.ts';
import { readFileModel } from '../prediction/index.ts';
import { curveFor, groupsOf, measureSplits, scoreBy, trainFiles } from './files.ts';
import { readOwn } from './own-data.io.ts';
import { readTables, type Sample } from './tables.io.ts';
import type { FromTrainer, TrainerTask } from './trainer.io.ts';

const SOURCES = { kaggle: 1, clamp: 1, brazil: 1, packages: 1.2, own: 1 } as const;

function say(message: FromTrainer): void {
  parentPort?.postMessage(message);
}

try {
  // Only trainer.io.ts starts this file, and it hands such a task over.
  run(workerData as TrainerTask);
} catch (error) {
  say({ kind: 'failed', why: messageOf(error) });
}

function run(task: TrainerTask): void {
  const samples = samplesOf(task);
  const progress = (line: string): void => say({ kind: 'progress', line });
  if (task.kind === 'train') {
    say({ kind: 'trained', body: trainFiles({ samples, sources: SOURCES, say: progress }) });
    return;
  }
  if (task.model === undefined) {
    say({
      kind: 'measured',
      curves: measureSplits({ samples, sources: SOURCES, say: progress }),
      groups: [],
    });
    return;
  }
  const model = readFileModel(task.model.body, task.model.version);
  if (model === undefined) {
    say({ kind: 'failed', why: 'the model cannot be read' });
    return;
  }
  const scored = scoreBy(model, samples);
  say({
    kind: 'measured',
    curves: [curveFor('all files', scored, scored)],
    groups: groupsOf(scored, model.calibration.suspicious),
  });
}

function samplesOf({ good, bad, tables }: TrainerTask): readonly Sample[] {
  return [
    ...(tables === undefined ? [] : readTables(tables)),
    ...(good === undefined ? [] : readOwn(good, false)),
    ...(bad === undefined ? [] : readOwn(bad, true)),
  ];
}
