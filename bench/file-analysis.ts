/**
 * How many files a minute does `POST /api/v1/files` analyze on two cores? Files of 25 KB as they pass all day, each
 * another one: hashes, type, unpacking, shipped rules; clamd off. The target is 60,000 a minute. Two edges and the
 * generator share both cores, so the generator's part of the processor is the gateway's loss. Then each kind alone, and
 * the same files again (remembered verdicts). Baseline: clamd with a handful of signatures, asked for the same mix by the
 * same generator in turns; with the official database it has a hundred thousand times as many.
 * Usage: node bench/file-analysis.ts [--rounds 3] [--seconds 3] [--connections 16] [--bytes 25600]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChild } from '../test/support/child.ts';
import { startProgram } from '../test/support/clamd.ts';
import { startGateway } from '../test/support/gateway.ts';
import { findPeer } from '../test/support/peers.ts';
import { openScope, type Scope, tempDir } from '../test/support/scope.ts';
import type { FileLoad, FileLoadResult } from './support/file-load.ts';
import { type FileKind, KINDS } from './support/files.ts';
import { cpuMs } from './support/machine.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '16' },
    bytes: { type: 'string', default: '25600' },
  },
});
const ROUNDS = Number(values.rounds);
const SECONDS = Number(values.seconds);
const CONNECTIONS = Number(values.connections);
const BYTES = Number(values.bytes);
const EDGES = 2;

interface Target {
  readonly pid: number | undefined;
  readonly load: Pick<FileLoad, 'target' | 'protocol'>;
}

interface Run {
  readonly perMinute: number;
  readonly cpuUs: number;
  readonly result: FileLoadResult;
}

const scope = openScope();
try {
  await main(scope);
} finally {
  await scope.close();
}

async function main(t: Scope): Promise<void> {
  const gateway = await startGateway(t, {
    edges: EDGES,
    config: { log: { level: 'warn' }, files: { requireToken: false } },
  });
  const ours: Target = {
    pid: gateway.child.pid,
    load: { target: { port: gateway.ports.http ?? 0 }, protocol: 'http' },
  };
  const clamd = await startClamd(t);
  line(
    `files of ${BYTES} bytes, ${CONNECTIONS} connections, ${EDGES} edges, ${ROUNDS} rounds of ${SECONDS} s; a minute (median)`,
  );
  await measure(ours, [], false);
  const mine: Run[] = [];
  const theirs: Run[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    mine.push(await measure(ours, [], false));
    if (clamd !== undefined) theirs.push(await measure(clamd, [], false));
  }
  line(`  mix of ${KINDS.join(', ')}, each file another: ${show(mine)}`);
  if (clamd === undefined) line('  clamd is not installed: no baseline');
  else line(`  the same mix, clamd with one signature (Unix socket, INSTREAM): ${show(theirs)}`);
  for (const kind of KINDS) {
    const runs: Run[] = [];
    for (let round = 0; round < ROUNDS; round++) runs.push(await measure(ours, [kind], false));
    line(`  ${kind}: ${show(runs)}`);
  }
  const again: Run[] = [];
  for (let round = 0; round < ROUNDS; round++) again.push(await measure(ours, [], true));
  line(`  the same files again: ${show(again)}`);
}

async function measure({ pid, load: to }: Target, kinds: readonly FileKind[], same: boolean): Promise<Run> {
  const load: FileLoad = { ...to, kinds, bytes: BYTES, connections: CONNECTIONS, seconds: SECONDS, same };
  const before = pid === undefined ? 0 : cpuMs(pid);
  const script = new URL('support/file-load.ts', import.meta.url).pathname;
  const child = await runChild(scope, process.execPath, [script, JSON.stringify(load)], {
    timeoutMs: 60_000,
  });
  if (child.code !== 0) throw new Error(`the generator ended with ${child.code}: ${child.stderr}`);
  // Our own process printed it.
  const result = JSON.parse(child.stdout) as FileLoadResult;
  const good = (result.verdicts['clean'] ?? 0) + (result.verdicts['OK'] ?? 0);
  if (result.errors > 0 || good !== result.count) throw new Error(child.stdout);
  const cpuUs = pid === undefined ? Number.NaN : ((cpuMs(pid) - before) * 1000) / result.count;
  return { perMinute: (result.count / result.seconds) * 60, cpuUs, result };
}

function show(runs: readonly Run[]): string {
  const rates = runs.map(({ perMinute }) => perMinute);
  const { p50, p99 } = runs.at(-1)!.result;
  const cpuUs = median(runs.map((run) => run.cpuUs));
  const cost = Number.isNaN(cpuUs) ? '' : `, ${Math.round(cpuUs)} µs of processor each`;
  const [least, most] = [Math.min(...rates), Math.max(...rates)].map((rate) => thousands(rate));
  return `${thousands(median(rates))} (${least}–${most})${cost}, p50 ${(p50 / 1000).toFixed(2)} ms, p99 ${(p99 / 1000).toFixed(2)} ms`;
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[all.length >> 1] ?? 0;
}

/** `undefined`: it is not installed. */
async function startClamd(t: Scope): Promise<Target | undefined> {
  if (findPeer('clamd').path === undefined) return undefined;
  const dir = await tempDir(t, 'clamd');
  await mkdir(join(dir, 'db'));
  await writeFile(
    join(dir, 'db', 'own.ndb'),
    `Bench.Signature:0:*:${Buffer.from('no file has these words').toString('hex')}\n`,
  );
  const { socket } = await startProgram(t, dir);
  return { pid: undefined, load: { target: { path: socket }, protocol: 'clamd' } };
}

function line(text: string): void {
  process.stdout.write(`${text}\n`);
}
