import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import type { PortKey, PortStatus } from '../../src/kernel/index.ts';
import { PORT_TABLE } from '../../src/kernel/index.ts';
import { runChild, startChild } from './child.ts';
import type { Child } from './child.ts';
import { tempDir } from './scope.ts';
import type { Scope } from './scope.ts';

export interface GatewayOptions {
  /** `sallyport.yaml` as an object; free ports are put in where it names none. */
  readonly config?: GatewayConfig;
  /** Added to `start`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly edges?: number;
  readonly cpus?: string;
  readonly namespace?: string;
  /** Address to bind; `undefined`: all. */
  readonly bind?: string | undefined;
  /** Of an earlier gateway, for a second start on the same data. */
  readonly dataDir?: string;
}

export type GatewayConfig = Readonly<Record<string, unknown>> & {
  readonly listeners?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

export interface Gateway {
  readonly child: Child;
  readonly dataDir: string;
  /** Real ports of the listeners that are open. */
  readonly ports: Readonly<Partial<Record<PortKey, number>>>;
  /** Port of the forward proxy. */
  readonly proxyPort: number;
  /** Milliseconds from the start of the command until it said that all ports accept. */
  readonly startMs: number;
  /** Runs a command against this gateway. */
  command(...words: readonly string[]): Promise<CommandResult>;
  /** Runs a command that must succeed, with `--json`, and gives its document. */
  ask(...words: readonly string[]): Promise<unknown>;
  /** Prometheus text of the gateway. */
  metrics(): Promise<string>;
  /** Empty until the first line is written. */
  accessLog(): Promise<string>;
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const BIN = new URL('../../bin/sallyport.mjs', import.meta.url).pathname;

/** Starts a whole gateway with its processes, on free ports and in a folder of its own. */
export async function startGateway(scope: Scope, options: GatewayOptions = {}): Promise<Gateway> {
  const dataDir = options.dataDir ?? join(await tempDir(scope), 'data');
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, '..', 'sallyport.yaml');
  // JSON is YAML.
  await writeFile(file, JSON.stringify(withFreePorts(options.config ?? {}), undefined, 2));
  const common = ['--data-dir', dataDir, '--config', file];
  const bind = 'bind' in options ? options.bind : '127.0.0.1';
  const args = ['start', '--json', ...common, '--edges', String(options.edges ?? 1), ...(options.args ?? [])];
  if (bind !== undefined) args.push('--bind', bind);
  const env = { SALLYPORT_ADMIN_PASSWORD: ADMIN_PASSWORD, ...options.env };
  const startedAt = performance.now();
  const child = startChild(scope, process.execPath, [BIN, ...args], {
    env,
    cpus: options.cpus,
    namespace: options.namespace,
    graceMs: 15_000,
  });
  const [announced] = await child.waitFor(/^\{[\s\S]*?"readyMs":[\s\S]*?\}$/m, 90_000);
  const startMs = Math.round(performance.now() - startedAt);
  const ports = portsOf(announced);
  const command = async (...words: readonly string[]): Promise<CommandResult> =>
    runChild(scope, process.execPath, [BIN, ...words, ...common], { timeoutMs: 120_000, env });
  const ask = async (...words: readonly string[]): Promise<unknown> => {
    const result = await command(...words, '--json');
    if (result.code !== 0) throw new Error(`sallyport ${words.join(' ')}: ${result.code}\n${result.stderr}`);
    return JSON.parse(result.stdout);
  };
  let token: string | undefined;
  return {
    child,
    dataDir,
    ports,
    proxyPort: ports.forwardProxy ?? 0,
    startMs,
    command,
    ask,
    metrics: async () => {
      token ??= await makeToken(ask);
      const answer = await getHttps(ports.https ?? 0, '/metrics', { Authorization: `Bearer ${token}` });
      if (answer.status !== 200) throw new Error(`/metrics: ${answer.status} ${answer.body}`);
      return answer.body;
    },
    accessLog: () => readFile(join(dataDir, 'log', 'access.log'), 'utf8').catch(() => ''),
  };
}

/** Password of the account `admin` of every gateway in the tests. */
export const ADMIN_PASSWORD = 'correct horse battery staple';

function withFreePorts(config: GatewayConfig): GatewayConfig {
  const listeners = PORT_TABLE.map(({ key }) => [key, { port: 0, ...config.listeners?.[key] }] as const);
  return { ...config, listeners: Object.fromEntries(listeners) };
}

/** The one document of `start --json`: the port table, and the time that it took. */
function portsOf(announced: string): Readonly<Partial<Record<PortKey, number>>> {
  // The shape is part of the command line's contract, see `PortStatus`.
  const { ports } = JSON.parse(announced) as { readonly ports: readonly PortStatus[] };
  const open = ports.filter((row) => row.state === 'open');
  return Object.fromEntries(
    open.map((row) => [PORT_TABLE.find(({ port }) => port === row.port)?.key ?? row.port, row.listenPort]),
  );
}

async function makeToken(ask: Gateway['ask']): Promise<string> {
  const document = await ask('token', 'create', '--name', 'test', '--scope', 'read');
  if (typeof document !== 'object' || document === null || !('token' in document))
    throw new Error('no token');
  return String(document.token);
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Asks a TLS port of the gateway; its certificate is signed by an authority of its own and is not checked here. */
export async function getHttps(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      headers,
      rejectUnauthorized: false,
      agent: false,
    } as const;
    get(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => void (body += text));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    }).on('error', reject);
  });
}
