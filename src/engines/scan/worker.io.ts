/**
 * The thread that unpacks and matches. It gets rules and files from the pool of its edge, one file at a time,
 * and tells what it finds as it finds it: when it must be ended, that much is known.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type Log, messageOf } from '../../kernel/index.ts';
import { systemClock } from '../../platform/index.ts';
import { fileSource, memorySource, openSpoolFile } from '../content/index.ts';
import { createPredictor } from '../prediction/index.ts';
import { inspect } from './inspect.ts';
import { createJudge } from './judge.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './job.ts';
import { loadYara } from './yara-library.io.ts';
import { compileRules, type RuleMatcher } from './yara.ts';

// Only the pool starts this file, and it hands these settings over.
const settings = workerData as WorkerSettings;
/** What is wrong with a model is told by the edge, which reads the same one. */
const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const predictor =
  settings.judge === undefined
    ? undefined
    : createPredictor({ dataDir: settings.judge.dataDir, log: SILENT });
const judge =
  predictor === undefined || settings.judge === undefined
    ? undefined
    : createJudge(predictor, settings.judge);
/** What the pool has handed over last. */
const held: { rules: RuleMatcher | undefined } = { rules: undefined };

parentPort?.on('message', (message: ToWorker) => {
  if (message.kind === 'rules') takeRules(message);
  else if (message.kind === 'models') predictor?.reload();
  else void run(message);
});

function say(message: FromWorker): void {
  parentPort?.postMessage(message);
}

function takeRules({ sources, version }: Extract<ToWorker, { kind: 'rules' }>): void {
  const library = loadYara();
  if ('why' in library) {
    say({ kind: 'rules', version, problem: library.why });
    return;
  }
  try {
    held.rules = compileRules(library, sources, {
      windowMax: settings.windowMax,
      timeoutMs: settings.yaraTimeoutMs,
    });
    say({ kind: 'rules', version, problem: undefined });
  } catch (error) {
    say({ kind: 'rules', version, problem: messageOf(error) });
  }
}

async function run({ job }: Extract<ToWorker, { kind: 'job' }>): Promise<void> {
  const { id, body } = job;
  const source = body.kind === 'memory' ? memorySource(body.bytes) : fileSource(body.fd, body.size);
  const result = await inspect(job, source, {
    settings,
    clock: systemClock,
    rules: held.rules,
    judge,
    spool: () => openSpoolFile(settings.spoolDir),
    found: (found) => say({ kind: 'found', id, ...found }),
  });
  say({ kind: 'done', id, result });
}
