import { startChild } from '../../test/support/child.ts';
import { startGateway } from '../../test/support/gateway.ts';
import { findPeer } from '../../test/support/peers.ts';
import { startSquid } from '../../test/support/squid.ts';
import { tempDir } from '../../test/support/scope.ts';
import type { Scope } from '../../test/support/scope.ts';
import { writeIndicators } from './indicators.ts';
import type { Lab } from './question.ts';

/** One of those that are compared: where its port is and whose processor time it costs. */
export interface Contender {
  readonly name: 'ours' | 'squid' | 'direct';
  /** 0: no proxy. */
  readonly port: number;
  /** Root of its process tree; `undefined`: nothing to measure. */
  readonly pid: number | undefined;
}

export interface Origin {
  readonly http: number;
  readonly tunnels: readonly number[];
  readonly pid: number;
}

export const DIRECT: Contender = { name: 'direct', port: 0, pid: undefined };

export async function startBenchOrigin(
  scope: Scope,
  options: { readonly cpus: string; readonly tunnels?: number; readonly bodyBytes?: number },
): Promise<Origin> {
  const script = new URL('origin-process.ts', import.meta.url).pathname;
  const settings = { tunnels: options.tunnels ?? 1, bodyBytes: options.bodyBytes ?? 1024 };
  const child = startChild(scope, process.execPath, [script, JSON.stringify(settings)], {
    cpus: options.cpus,
  });
  const [line] = await child.waitFor(/^\{.*\}$/m, 10_000);
  // Our own process printed it, two lines above in `origin-process.ts`.
  const ports = JSON.parse(line) as Pick<Origin, 'http' | 'tunnels'>;
  return { ...ports, pid: child.pid };
}

interface Place {
  readonly cpus: string;
  /** Edges of ours, workers of Squid. */
  readonly workers: number;
  readonly origins: readonly Origin[];
}

/** Ours, Squid and none, as far as they are there; a missing peer is named. */
export async function startContenders(lab: Lab, place: Place): Promise<readonly Contender[]> {
  const contenders = [await startOurs(lab, place)];
  const squid = findPeer('squid');
  if (squid.path === undefined) lab.log(`without Squid: ${squid.reason}`);
  else contenders.push(await startPeer(lab, place));
  return [...contenders, DIRECT];
}

/** Squid lets CONNECT go to every port here: the ports of the origin are random. */
export async function startPeer(lab: Lab, place: Place): Promise<Contender> {
  const squid = await startSquid(lab.scope, { cpus: place.cpus, workers: place.workers });
  return { name: 'squid', port: squid.port, pid: squid.child.pid };
}

/** The gateway as it is shipped: access log on, policy on; with 200,000 indicators loaded. */
export async function startOurs(lab: Lab, place: Place): Promise<Contender> {
  const gateway = await startGateway(lab.scope, {
    cpus: place.cpus,
    edges: place.workers,
    config: gatewayConfig(place.origins),
  });
  const { file, count } = await writeIndicators(await tempDir(lab.scope));
  const result = await gateway.command('feed', 'import', file, '--format', 'plain');
  if (result.code !== 0) throw new Error(`the indicators were not imported: ${result.stderr}`);
  lab.log(`${count} indicators imported`);
  return { name: 'ours', port: gateway.proxyPort, pid: gateway.child.pid };
}

export function gatewayConfig(origins: readonly Origin[]): Readonly<Record<string, unknown>> {
  return {
    egress: { allowDestinations: ['127.0.0.0/8', '::1/128'] },
    forwardProxy: { connectPorts: origins.flatMap((origin) => origin.tunnels) },
    log: { level: 'warn' },
  };
}
