import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGateway } from '../test/support/gateway.ts';
import { waitForPort } from '../test/support/ports.ts';
import { openScope, tempDir } from '../test/support/scope.ts';
import { processTree, rssBytes } from '../test/support/process-tree.ts';
import { pssBytes } from './support/machine.ts';
import type { Lab, Question, Row } from './support/question.ts';
import { figure, median } from './support/rounds.ts';

const SETTLE_MS = 3000;
const EDGES = 2;

export const question: Question = {
  name: 'start',
  title: 'Start to all ports, and memory when idle',
  method:
    'From the start of the command to the line that says that all ports accept, measured from outside, and each port tried then. First start: no data and ' +
    `no compiled code yet; second: on the same data. Memory: proportional set size of the supervisor, control and ${EDGES} edges three seconds later.`,
  run,
};

async function run(lab: Lab): Promise<readonly Row[]> {
  const all: Figures[] = [];
  for (let round = 0; round < lab.rounds; round++) {
    const figures = await oneRound();
    lab.log(
      `round ${round + 1}: first ${figures.firstMs} ms, second ${figures.secondMs} ms, ${figure(figures.pss / 1024 ** 2)} MiB`,
    );
    all.push(figures);
  }
  const row = (what: string, unit: string, target: string, values: readonly number[], notes = ''): Row => ({
    what,
    unit,
    ours: figure(median(values)),
    peer: '–',
    direct: '–',
    ratio: `${figure(Math.min(...values))}–${figure(Math.max(...values))}`,
    target,
    notes,
  });
  return [
    row(
      'first start',
      'ms',
      '< 5,000',
      all.map((figures) => figures.firstMs),
    ),
    row(
      'second start',
      'ms',
      '< 2,000',
      all.map((figures) => figures.secondMs),
    ),
    row(
      'idle memory (PSS)',
      'MiB',
      '< 400',
      all.map((figures) => figures.pss / 1024 ** 2),
      all.at(-1)?.processes ?? '',
    ),
  ];
}

interface Figures {
  readonly firstMs: number;
  readonly secondMs: number;
  readonly pss: number;
  /** Resident sizes, for the notes. */
  readonly processes: string;
}

async function oneRound(): Promise<Figures> {
  const scope = openScope();
  try {
    const dir = await tempDir(scope);
    const dataDir = join(dir, 'data');
    const env = { NODE_COMPILE_CACHE: join(dir, 'compiled') };
    const first = await timed(env, dataDir);
    const second = await timed(env, dataDir);
    return { firstMs: first.ms, secondMs: second.ms, pss: second.pss, processes: second.processes };
  } finally {
    await scope.close();
  }
}

async function timed(
  env: Readonly<Record<string, string>>,
  dataDir: string,
): Promise<{ readonly ms: number; readonly pss: number; readonly processes: string }> {
  const scope = openScope();
  try {
    const gateway = await startGateway(scope, { dataDir, env, edges: EDGES });
    for (const port of Object.values(gateway.ports)) await waitForPort(port, 100);
    await sleep(SETTLE_MS);
    const tree = processTree(gateway.child.pid);
    const sizes = tree.map((pid) => figure(rssBytes(pid) / 1024 ** 2));
    return {
      ms: gateway.startMs,
      pss: pssBytes(gateway.child.pid),
      processes: `resident ${sizes.join(', ')} MiB`,
    };
  } finally {
    await scope.close();
  }
}
