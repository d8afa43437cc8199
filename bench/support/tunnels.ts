import { runChild } from '../../test/support/child.ts';
import type { Contender, Origin } from './contenders.ts';
import type { Lab } from './question.ts';
import type { TunnelResult, TunnelSettings } from './tunnel-client.ts';

export interface TunnelJob extends Pick<TunnelSettings, 'mode' | 'concurrency' | 'seconds' | 'bytes'> {
  readonly contender: Contender;
  readonly origin: Origin;
  readonly cpus: string;
}

/** Runs one load of tunnels in a process of its own. */
export async function runTunnels(lab: Lab, job: TunnelJob): Promise<TunnelResult> {
  const { contender, origin, cpus, mode, concurrency, seconds, bytes } = job;
  const settings: TunnelSettings = {
    mode,
    concurrency,
    seconds,
    bytes,
    proxyPort: contender.port,
    originHost: '127.0.0.1',
    originPort: origin.tunnels[0] ?? 0,
  };
  const script = new URL('tunnel-client.ts', import.meta.url).pathname;
  const result = await runChild(lab.scope, process.execPath, [script, JSON.stringify(settings)], {
    cpus,
    timeoutMs: seconds * 1000 + 60_000,
  });
  if (result.code !== 0)
    throw new Error(`${contender.name}: the generator ended with ${result.code}: ${result.stderr}`);
  // Our own process printed it.
  return JSON.parse(result.stdout) as TunnelResult;
}
