import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../test/support/child.ts';
import type { Child } from '../test/support/child.ts';
import { findPeer } from '../test/support/peers.ts';
import { openScope } from '../test/support/scope.ts';
import { startBenchOrigin, startOurs, startPeer } from './support/contenders.ts';
import type { Contender, Origin } from './support/contenders.ts';
import { pssBytes } from './support/machine.ts';
import type { Lab, Question, Row } from './support/question.ts';
import { figure } from './support/rounds.ts';
import type { HolderSettings } from './support/tunnel-holder.ts';

/** An edge has 20,000 descriptors here and a tunnel takes two of them. */
const OURS = { tunnels: 40_000, edges: 5 };
/** Squid takes so much for one that 40,000 would fill the machine; it is the figure for one that counts. */
const SQUID_TUNNELS = 4000;
const PER_PROCESS = 14_000;
const SETTLE_MS = 5000;

export const question: Question = {
  name: 'idle-tunnels',
  title: 'Memory of idle CONNECT tunnels',
  method:
    'Client processes open tunnels from several loopback addresses to several origin processes and hold them. What counts is the proportional set size (PSS) of all ' +
    "processes of the proxy, after minus before, divided by the tunnels; the kernel's socket buffers are in neither. At the end an echo goes through 200 tunnels of each client.",
  run,
};

async function run(lab: Lab): Promise<readonly Row[]> {
  const share = lab.quick ? 0.05 : 1;
  const ours = await hold(lab, 'ours', OURS.tunnels * share);
  const squid = findPeer('squid');
  if (squid.path === undefined) lab.log(`without Squid: ${squid.reason}`);
  const peer = squid.path === undefined ? undefined : await hold(lab, 'squid', SQUID_TUNNELS * share);
  const kilobytes = (held: Held | undefined): string =>
    held === undefined ? '–' : figure(held.perTunnel / 1024, 1);
  return [
    {
      what: `${figure(ours.held)} tunnels, ${OURS.edges} edges (Squid: ${figure(peer?.held ?? 0)}, 1 worker)`,
      unit: 'KiB a tunnel',
      ours: kilobytes(ours),
      peer: kilobytes(peer),
      direct: '–',
      ratio: peer === undefined ? '–' : `**${(peer.perTunnel / ours.perTunnel).toFixed(1)}** times less`,
      target: '≤ 12 KiB',
      notes: notes(ours, peer),
    },
    {
      what: 'all processes with them',
      unit: 'MiB',
      ours: figure(ours.after / 1024 ** 2),
      peer: peer === undefined ? '–' : figure(peer.after / 1024 ** 2),
      direct: '–',
      ratio: '–',
      target: '< 1,024 MiB',
      notes: `before: ours ${figure(ours.before / 1024 ** 2)} MiB`,
    },
  ];
}

function notes(ours: Held, peer: Held | undefined): string {
  const one = (name: string, held: Held): string =>
    `${name}: ${held.failed} refused, ${held.alive} of ${held.alive + held.dead} echoed`;
  return peer === undefined ? one('ours', ours) : `${one('ours', ours)}; ${one('Squid', peer)}`;
}

interface Held {
  readonly held: number;
  readonly failed: number;
  readonly alive: number;
  readonly dead: number;
  readonly before: number;
  readonly after: number;
  readonly perTunnel: number;
}

async function hold(lab: Lab, name: 'ours' | 'squid', wanted: number): Promise<Held> {
  const scope = openScope();
  const own = { ...lab, scope };
  try {
    const clients = Math.ceil(wanted / PER_PROCESS);
    const origins: Origin[] = [];
    for (let i = 0; i < clients; i++) origins.push(await startBenchOrigin(scope, { cpus: '0,1' }));
    const place = { cpus: '0,1', workers: name === 'ours' ? OURS.edges : 1, origins };
    const contender = name === 'ours' ? await startOurs(own, place) : await startPeer(own, place);
    return await fill(own, { contender, origins, wanted });
  } finally {
    await scope.close();
  }
}

interface Filling {
  readonly contender: Contender;
  readonly origins: readonly Origin[];
  readonly wanted: number;
}

async function fill(lab: Lab, { contender, origins, wanted }: Filling): Promise<Held> {
  const root = contender.pid ?? 0;
  await sleep(SETTLE_MS);
  const before = pssBytes(root);
  const holders = origins.map((origin, at) =>
    startHolder(lab, {
      proxyPort: contender.port,
      originPort: origin.tunnels[0] ?? 0,
      count: Math.ceil(wanted / origins.length),
      sources: [2, 3, 4].map((host) => `127.0.${at}.${host}`),
    }),
  );
  const opened = await Promise.all(
    holders.map((holder) => answer(holder, /\{"held":(\d+),"failed":(\d+)\}/)),
  );
  await sleep(SETTLE_MS);
  const after = pssBytes(root);
  const [held = 0, failed = 0] = sums(opened);
  for (const holder of holders) holder.write('check\n');
  const [alive = 0, dead = 0] = sums(
    await Promise.all(holders.map((holder) => answer(holder, /\{"alive":(\d+),"dead":(\d+)\}/))),
  );
  lab.log(
    `${contender.name}: ${held} held, ${failed} refused, ${alive} alive, ${dead} dead, ` +
      `${figure(before / 1024 ** 2)} → ${figure(after / 1024 ** 2)} MiB`,
  );
  return { held, failed, alive, dead, before, after, perTunnel: (after - before) / held };
}

function startHolder(lab: Lab, settings: HolderSettings): Child {
  const script = new URL('support/tunnel-holder.ts', import.meta.url).pathname;
  return startChild(lab.scope, process.execPath, [script, JSON.stringify(settings)]);
}

async function answer(holder: Child, pattern: RegExp): Promise<readonly number[]> {
  return (await holder.waitFor(pattern, 180_000)).slice(1).map(Number);
}

function sums(rows: readonly (readonly number[])[]): readonly number[] {
  return [0, 1].map((at) => rows.reduce((sum, row) => sum + (row[at] ?? 0), 0));
}
