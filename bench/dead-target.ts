/**
 * What does a log target cost control when its receiver is dead? The baseline is a healthy receiver under the same load:
 * a process that sends events as an edge does. In turns: no target, a receiver that reads, one that refuses, one that
 * accepts and never reads, one that hangs up at once. Processor time is that of control (/proc/PID/stat).
 * Run: `node bench/dead-target.ts [--rate 5000] [--seconds 8] [--rounds 2]`.
 */
import { parseArgs } from 'node:util';
import { startGateway, type Gateway } from '../test/support/gateway.ts';
import { freePort } from '../test/support/ports.ts';
import { openScope, type Scope } from '../test/support/scope.ts';
import { controlPid, feed, startReceiver, threadTimes } from './support/event-lab.ts';
import { machine } from './support/machine.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '2' },
  },
});
const RATE = Number(values.rate);
const SECONDS = Number(values.seconds);
const ROUNDS = Number(values.rounds);
/** Queues that are full cost more than those that fill: the bound is reached in the first second. */
const QUEUE_BYTES = '4MiB';

interface Case {
  readonly name: string;
  url(scope: Scope): Promise<string | undefined>;
}

const CASES: readonly Case[] = [
  { name: 'no target', url: () => Promise.resolve(undefined) },
  { name: 'reads', url: async (scope) => (await startReceiver(scope, 'reads')).url },
  { name: 'refuses', url: async () => `syslog+tcp://127.0.0.1:${await freePort()}` },
  { name: 'never reads', url: async (scope) => (await startReceiver(scope, 'hangs')).url },
  { name: 'hangs up at once', url: async (scope) => (await startReceiver(scope, 'hangs-up')).url },
];

interface Cost {
  readonly allMs: number;
  readonly mainMs: number;
}

const scope = openScope();
try {
  const gateway = await startGateway(scope, {
    config: { log: { level: 'error' }, logTargets: { queueBytesMax: QUEUE_BYTES } },
  });
  const costs = new Map<string, Cost[]>(CASES.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const each of CASES) costs.get(each.name)!.push(await measure(gateway, each));
  }
  const { model, cores, load } = machine();
  line(
    `${RATE} events/s for ${SECONDS} s, ${ROUNDS} rounds, queue ${QUEUE_BYTES}; ${model}, ${cores} cores, load ${load.toFixed(1)} at the end`,
  );
  const healthy = least(costs.get('reads') ?? []);
  for (const [name, list] of costs) {
    const { allMs, mainMs } = least(list);
    const difference = name === 'reads' ? '' : `, ${signed(allMs - healthy.allMs)} ms against a healthy one`;
    line(
      `${name.padEnd(18)} control ${String(Math.round(allMs)).padStart(6)} ms of processor, its main thread ${String(Math.round(mainMs)).padStart(6)} ms (${Math.round(mainMs / SECONDS / 10)} % of a core)${difference}`,
    );
  }
} finally {
  await scope.close();
}

async function measure(gateway: Gateway, { name, url }: Case): Promise<Cost> {
  const own = openScope();
  try {
    const target = await url(own);
    if (target !== undefined) await gateway.ask('log', 'target', 'add', 'bench', '--url', target);
    const pid = await controlPid(gateway);
    const before = threadTimes(pid);
    const fed = await feed(scope, gateway, { rate: RATE, seconds: SECONDS });
    const after = threadTimes(pid);
    if (target !== undefined) await gateway.ask('log', 'target', 'remove', 'bench');
    if (fed.dropped > 0) line(`${name}: ${fed.dropped} events found no room`);
    return { allMs: after.all - before.all, mainMs: after.main - before.main };
  } finally {
    await own.close();
  }
}

/** The round that other work disturbed least. */
function least(list: readonly Cost[]): Cost {
  return list.toSorted((a, b) => a.allMs - b.allMs)[0] ?? { allMs: 0, mainMs: 0 };
}

function signed(ms: number): string {
  return `${ms < 0 ? '' : '+'}${Math.round(ms)}`;
}

function line(text: string): void {
  process.stdout.write(`${text}\n`);
}
