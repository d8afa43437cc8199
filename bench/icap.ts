/**
 * ICAP against c-icap in the same run, in turns: RESPMOD of 17 KiB over kept connections, answered with 204 and with
 * 200. The server on core 0, the generator on core 1. Then what policy and scan cost, and what an idle connection does.
 * Usage: node bench/icap.ts [--rounds 3] [--seconds 3] [--connections 16]
 */
import { connect, type Socket } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChild, startChild } from '../test/support/child.ts';
import { startGateway } from '../test/support/gateway.ts';
import { findPeer } from '../test/support/peers.ts';
import { freePort, waitForPort } from '../test/support/ports.ts';
import { openScope, type Scope, tempDir } from '../test/support/scope.ts';
import type { IcapLoad, IcapLoadResult } from './support/icap-load.ts';
import { writeIndicators } from './support/indicators.ts';
import { cpuMs, pssBytes } from './support/machine.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '16' },
  },
});
const ROUNDS = Number(values.rounds);
const SECONDS = Number(values.seconds);
const CONNECTIONS = Number(values.connections);
const BODY_BYTES = 17 * 1024;
const IDLE = 2000;

interface Server {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
}

type Kind = Pick<IcapLoad, 'allow204' | 'preview'> & { readonly name: string };
const KINDS: readonly Kind[] = [
  { name: '204, no preview', allow204: true },
  { name: '204 in a preview of 1024', allow204: true, preview: 1024 },
  { name: '200, no preview', allow204: false },
];

const scope = openScope();
try {
  await main();
} finally {
  await scope.close();
}

async function main(): Promise<void> {
  const ours = await startOurs(scope);
  const peer = await startPeer(scope);
  const servers = peer === undefined ? [ours] : [ours, peer];
  // Before the load, whose freed memory would be lent to them.
  for (const server of servers) {
    line(
      `idle connection, ${IDLE} of them after a request each, ${server.name}: ${await idleKib(server)} KiB (PSS)`,
    );
  }
  line('');
  line(
    `RESPMOD ${BODY_BYTES} bytes, ${CONNECTIONS} connections, ${ROUNDS} rounds of ${SECONDS} s; requests a second (median)`,
  );
  for (const kind of KINDS) await compare(servers, kind);
  line('');
  line('ours alone: what is done about the same body');
  for (const [what, service, bodies] of [
    ['policy and lists, no scan', 'unscanned', 1],
    ['hashes and type', 'avscan?profile=hashes', 0],
    ['full scan, a new body each time', 'avscan', 0],
    ['full scan, the same body (cache)', 'avscan', 1],
  ] as const) {
    for (const kind of KINDS.filter(({ preview }) => preview === undefined)) {
      const runs = [];
      for (let round = 0; round < ROUNDS; round++) runs.push(await measure(ours, service, kind, bodies));
      line(`  ${what}, ${kind.name}: ${show(runs)}`);
    }
  }
}

interface Run {
  readonly rate: number;
  readonly perCpuSecond: number;
  readonly result: IcapLoadResult;
}

async function compare(servers: readonly Server[], kind: Kind): Promise<void> {
  const runs = new Map<Server, Run[]>(servers.map((server) => [server, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const server of servers) runs.get(server)!.push(await measure(server, 'echo', kind, 1));
  }
  const [ours, peer] = servers.map((server) => runs.get(server)!);
  line(`  echo, ${kind.name}: ours ${show(ours!)}`);
  if (peer === undefined) return;
  const ratios = ours!.map((run, at) => run.rate / peer[at]!.rate);
  line(
    `  echo, ${kind.name}: c-icap ${show(peer)}; ratio ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`,
  );
}

async function measure(server: Server, service: string, kind: Kind, bodies: number): Promise<Run> {
  const { allow204, preview } = kind;
  const load: IcapLoad = {
    port: server.port,
    service,
    bodyBytes: BODY_BYTES,
    allow204,
    preview,
    connections: CONNECTIONS,
    seconds: SECONDS,
    bodies,
  };
  const before = cpuMs(server.pid);
  const script = new URL('support/icap-load.ts', import.meta.url).pathname;
  const child = await runChild(scope, process.execPath, [script, JSON.stringify(load)], {
    cpus: '1',
    timeoutMs: 60_000,
  });
  if (child.code !== 0) throw new Error(`the generator ended with ${child.code}: ${child.stderr}`);
  // Our own process printed it.
  const result = JSON.parse(child.stdout) as IcapLoadResult;
  if (result.errors + result.wrong > 0) throw new Error(`${server.name} ${kind.name}: ${child.stdout}`);
  const cpuS = (cpuMs(server.pid) - before) / 1000;
  return { rate: result.count / result.seconds, perCpuSecond: result.count / cpuS, result };
}

function show(runs: readonly Run[]): string {
  const rates = runs.map(({ rate }) => rate);
  const { statuses, p50, p99 } = runs.at(-1)!.result;
  const cost = Math.round(1e6 / median(runs.map(({ perCpuSecond }) => perCpuSecond)));
  return `${Math.round(median(rates))} (${Math.round(Math.min(...rates))}–${Math.round(Math.max(...rates))}), ${cost} µs of processor each, p50 ${(p50 / 1000).toFixed(2)} ms, p99 ${(p99 / 1000).toFixed(2)} ms, answers ${JSON.stringify(statuses)}`;
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[all.length >> 1] ?? 0;
}

/** One edge with access log, policy and 200,000 indicators, as it is shipped. */
async function startOurs(t: Scope): Promise<Server> {
  const gateway = await startGateway(t, {
    cpus: '0',
    edges: 1,
    config: {
      log: { level: 'warn' },
      icap: { services: [{ path: '/unscanned', profile: 'block', scan: 'off' }] },
    },
  });
  const { file, count } = await writeIndicators(await tempDir(t));
  const result = await gateway.command('feed', 'import', file, '--format', 'plain');
  if (result.code !== 0) throw new Error(`the indicators were not imported: ${result.stderr}`);
  line(`${count} indicators imported`);
  return { name: 'ours', port: gateway.ports.icap ?? 0, pid: gateway.child.pid };
}

/** c-icap with its echo service and access log, threads enough for every connection. */
async function startPeer(t: Scope): Promise<Server | undefined> {
  const program = findPeer('c-icap');
  if (program.path === undefined) {
    line(`without c-icap: ${program.reason}`);
    return undefined;
  }
  const dir = await tempDir(t, 'c-icap');
  const port = await freePort();
  const modules = '/usr/lib/x86_64-linux-gnu/c_icap';
  await writeFile(
    join(dir, 'c-icap.conf'),
    [
      `PidFile ${dir}/pid`,
      `CommandsSocket ${dir}/ctl`,
      `ServerLog ${dir}/server.log`,
      `AccessLog ${dir}/access.log`,
      `TmpDir ${dir}`,
      `Port 127.0.0.1:${port}`,
      'Timeout 300',
      'KeepAliveTimeout 600',
      'MaxKeepAliveRequests -1',
      'StartServers 1',
      'MaxServers 1',
      `ThreadsPerChild ${IDLE + 100}`,
      'MinSpareThreads 1',
      `MaxSpareThreads ${IDLE + 100}`,
      'MaxRequestsPerChild 0',
      'MaxMemObject 131072',
      'DebugLevel 1',
      `ModulesDir ${modules}`,
      `ServicesDir ${modules}`,
      'LoadMagicFile /etc/c-icap/c-icap.magic',
      'Service echo srv_echo.so',
      '',
    ].join('\n'),
  );
  const child = startChild(t, program.path, ['-N', '-f', join(dir, 'c-icap.conf')], { cpus: '0', cwd: dir });
  await waitForPort(port, 15_000);
  return { name: 'c-icap', port, pid: child.pid };
}

/** Memory of a connection that has had its answer and waits. */
async function idleKib(server: Server): Promise<string> {
  const options = Buffer.from(
    'OPTIONS icap://127.0.0.1/echo ICAP/1.0\r\nHost: 127.0.0.1\r\nEncapsulated: null-body=0\r\n\r\n',
  );
  const ask = async (count: number): Promise<Socket[]> => {
    const sockets: Socket[] = [];
    for (let at = 0; at < count; at++) {
      const socket = connect(server.port, '127.0.0.1');
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.once('data', () => resolve());
        socket.write(options);
      });
      sockets.push(socket);
    }
    return sockets;
  };
  const warm = await ask(50);
  const before = pssBytes(server.pid);
  const held = await ask(IDLE);
  const after = pssBytes(server.pid);
  for (const socket of [...warm, ...held]) socket.destroy();
  return ((after - before) / IDLE / 1024).toFixed(1);
}

function line(text: string): void {
  process.stdout.write(`${text}\n`);
}
