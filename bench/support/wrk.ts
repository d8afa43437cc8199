import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runChild } from '../../test/support/child.ts';
import { peerPath } from '../../test/support/peers.ts';
import { tempDir } from '../../test/support/scope.ts';
import type { Scope } from '../../test/support/scope.ts';

export interface WrkOptions {
  readonly port: number;
  readonly heads: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  readonly cpus: string;
  readonly threads?: number;
}

export interface WrkResult {
  readonly rate: number;
  readonly errors: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** wrk with requests written beforehand: the script costs one table access a request. */
export async function runWrk(scope: Scope, options: WrkOptions): Promise<WrkResult> {
  const script = join(await tempDir(scope, 'wrk'), 'requests.lua');
  const table = options.heads.map((head) => `  ${JSON.stringify(head)},`).join('\n');
  await writeFile(
    script,
    LUA.replace('--HEADS--', () => table),
  );
  const args = [
    `-t${options.threads ?? 1}`,
    `-c${options.connections}`,
    `-d${options.seconds}s`,
    '--timeout',
    '10s',
  ];
  const result = await runChild(
    scope,
    peerPath('wrk'),
    [...args, '-s', script, `http://127.0.0.1:${options.port}/`],
    {
      cpus: options.cpus,
      timeoutMs: options.seconds * 1000 + 30_000,
    },
  );
  const line = /^RESULT (\d+) (\d+) (\d+) (\d+) (\d+)$/m.exec(result.stdout);
  if (line === null) throw new Error(`wrk said: ${result.stdout}${result.stderr}`);
  const [, count, errors, microseconds, p50, p99] = line.map(Number);
  return { rate: (count! / microseconds!) * 1e6, errors: errors!, p50: p50!, p99: p99! };
}

const LUA = `
local heads = {
--HEADS--
}
local turn, count = 0, #heads
request = function()
  turn = turn % count + 1
  return heads[turn]
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests,
    e.connect + e.read + e.write + e.status + e.timeout, summary.duration, latency:percentile(50), latency:percentile(99)))
end
`;
