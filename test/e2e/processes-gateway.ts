import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { Agent } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { PORT_KEYS, PORT_TABLE, type PortKey, type PortStatus } from '../../src/kernel/index.ts';
import { runChild, startChild, type Child } from '../support/child.ts';
import { tempDir, type Scope } from '../support/scope.ts';
import { writeFileSync } from 'node:fs';

const ROOT = join(import.meta.dirname, '..', '..');
const PROGRAM = join(ROOT, 'bin', 'sallyport.mjs');
const WAIT_MS = 90_000;

export interface ProcessRow {
  readonly role: string;
  readonly pid: number;
  readonly generation: number;
  readonly connections: number;
  readonly state: string;
}

/** A gateway of its own: random ports on loopback, its own data directory, its own settings file. */
export interface Gateway {
  readonly dataDir: string;
  readonly file: string;
  readonly child: Child;
  readonly ports: readonly PortStatus[];
  port(key: PortKey): number;
  processes(): Promise<readonly ProcessRow[]>;
  pids(role: string): Promise<readonly number[]>;
  /** Runs a command on it. */
  command(...words: readonly string[]): Promise<CommandAnswer>;
}

export interface CommandAnswer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  json(): unknown;
}

/** Every listener on a free port. */
export function randomPorts(more = ''): string {
  return `bind: [127.0.0.1]\nlisteners:\n${PORT_KEYS.map((key) => `  ${key}: { port: 0 }\n`).join('')}${more}`;
}

export interface GatewayOptions {
  readonly edges?: number;
  readonly dataDir?: string;
  readonly settings?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export async function startGateway(scope: Scope, options: GatewayOptions = {}): Promise<Gateway> {
  const dir = options.dataDir ?? (await tempDir(scope));
  const file = join(dir, 'sallyport.yaml');
  writeFileSync(file, options.settings ?? randomPorts());
  const dataDir = join(dir, 'data');
  const child = startChild(
    scope,
    process.execPath,
    [
      PROGRAM,
      'start',
      '--json',
      '--config',
      file,
      '--data-dir',
      dataDir,
      '--edges',
      String(options.edges ?? 2),
    ],
    { env: { ...options.env, NODE_TEST_CONTEXT: undefined } },
  );
  await child.waitFor(/"readyMs": \d+\s*\}/, WAIT_MS);
  const command = (...words: readonly string[]) =>
    sallyport(scope, ...words, '--config', file, '--data-dir', dataDir);
  // `start --json` prints one document with the ports.
  const { ports } = JSON.parse(child.stdout().slice(0, child.stdout().lastIndexOf('}') + 1)) as {
    readonly ports: readonly PortStatus[];
  };
  const processes = async (): Promise<readonly ProcessRow[]> => {
    const answer = (await command('status', '--json')).json() as {
      readonly processes: readonly ProcessRow[];
    };
    return answer.processes;
  };
  return {
    dataDir,
    file,
    child,
    ports,
    port: (key) => {
      const at = PORT_TABLE.findIndex((row) => row.key === key);
      const row = ports[at];
      assert.equal(row?.state, 'open', `the listener ${key} is open`);
      return row.listenPort;
    },
    processes,
    pids: async (role) => (await processes()).filter((row) => row.role === role).map((row) => row.pid),
    command,
  };
}

export async function sallyport(scope: Scope, ...words: readonly string[]): Promise<CommandAnswer> {
  const answer = await runChild(scope, process.execPath, [PROGRAM, ...words], {
    env: { NODE_TEST_CONTEXT: undefined },
    timeoutMs: WAIT_MS,
  });
  return {
    ...answer,
    json: () => JSON.parse(answer.stdout === '' ? answer.stderr : answer.stdout) as unknown,
  };
}

/** The status of an answer on a plain HTTP port, whichever it is: somebody speaks HTTP there. */
export async function httpStatus(
  port: number,
  options: { readonly agent?: Agent; readonly path?: string } = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path: options.path ?? '/',
        ...(options.agent === undefined ? {} : { agent: options.agent }),
      },
      (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
        response.once('error', reject);
      },
    );
    sent.once('error', reject);
    sent.end();
  });
}

export async function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Asks again until it is true; what is waited for is named when it does not come. */
export async function until(what: string, test: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + WAIT_MS;
  while (!(await test())) {
    assert.ok(performance.now() < end, `waited for: ${what}`);
    await sleep(50);
  }
}

export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** What a gateway leaves in its run directory. */
export function runFiles(dataDir: string): readonly string[] {
  return readdirSync(join(dataDir, 'run'));
}
