import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { NetworkSet, type Verdict } from '../../src/kernel/index.ts';
import { loadConfig } from '../../src/engines/config/index.ts';
import { Egress, egressMetrics } from '../../src/engines/egress/index.ts';
import { createWebAccess, type PolicyDocument, Warnings } from '../../src/engines/policy/index.ts';
import { openIndicators } from '../../src/engines/indicators/index.ts';
import { createScanEngine, scanMetrics } from '../../src/engines/scan/index.ts';
import { createVerdictEngine } from '../../src/engines/verdict/index.ts';
import { createMetrics, type AccessEntry, type GatewayEvent } from '../../src/engines/telemetry/index.ts';
import { acceptOn, bindPort, systemClock } from '../../src/platform/index.ts';
import {
  forwardProxyMetrics,
  forwardProxyModule,
  type ForwardProxyEngines,
} from '../../src/services/forward-proxy/index.ts';
import { scopeOf, tempDir, type Scope } from './scope.ts';

/** The forward proxy in this process, on a port of its own, with everything it reports at hand. */
export interface ProxyDoor {
  readonly port: number;
  readonly entries: readonly AccessEntry[];
  readonly events: readonly GatewayEvent[];
  /** What went into the quarantine. */
  readonly kept: readonly { readonly sha256: string; readonly bytes: number }[];
  /** Scans that were begun. */
  scans(): number;
  drain(): void;
  /** Value of a counter, 0 when nothing was counted. */
  counted(name: string, ...labels: readonly string[]): number;
  /** Resolves when that many exchanges are over. */
  finished(count: number): Promise<void>;
}

export interface DoorOptions {
  readonly auth?: 'none' | 'required';
  readonly authenticate?: ForwardProxyEngines['identity']['authenticate'];
  readonly verdict?: (url: string) => Verdict;
  readonly parents?: readonly {
    readonly host: string;
    readonly port: number;
    readonly fields: string;
    readonly only: readonly string[];
  }[];
  readonly egress?: Partial<ForwardProxyEngines['config']['egress']>;
  readonly policy?: PolicyDocument;
  readonly forwardProxy?: Partial<ForwardProxyEngines['config']['forwardProxy']>;
  readonly quarantine?: Partial<ForwardProxyEngines['config']['quarantine']>;
  /** What becomes of plain allows. */
  readonly allows?: 'aggregate' | 'full';
  /** Bodies are scanned for real; else the test fails when one is. */
  readonly scans?: boolean;
  readonly headMs?: number;
  readonly idleMs?: number;
}

const NOTHING_KNOWN: Verdict = { verdict: 'unknown', score: 50, matches: [] };

export async function openProxyDoor(t: TestContext, options: DoorOptions = {}): Promise<ProxyDoor> {
  const base = loadConfig({
    flags: { allowDestination: ['127.0.0.0/8', '::1/128'] },
    environment: {},
    checkout: undefined,
    cores: 1,
  });
  const listener = {
    ...base.listeners.forwardProxy,
    headMs: options.headMs ?? 5000,
    idleMs: options.idleMs ?? 5000,
  };
  const config = {
    ...base,
    listeners: { ...base.listeners, forwardProxy: listener },
    egress: { ...base.egress, ...options.egress },
    forwardProxy: {
      ...base.forwardProxy,
      auth: options.auth ?? 'none',
      connectPorts: everyPort(),
      ...options.forwardProxy,
    },
    quarantine: { ...base.quarantine, ...options.quarantine },
    events: { ...base.events, allows: options.allows ?? 'aggregate' },
    blockPage: { organization: 'Example Corp', contact: 'helpdesk@example.test' },
  };
  const metrics = createMetrics([...egressMetrics, ...forwardProxyMetrics, ...scanMetrics]);
  const quiet = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  };
  const egress = new Egress({
    config: config.egress,
    parents: options.parents ?? [],
    clock: systemClock,
    log: quiet,
    metrics,
    own: [],
    machine: [],
  });
  const warnings: Warnings = new Warnings((grant) => {
    warnings.use([grant]);
    return Promise.resolve();
  });
  warnings.useKey(Buffer.alloc(32, 1));
  const access = createWebAccess({
    ...config.forwardProxy,
    warnings,
    guard: (host, at) => egress.refusalOf(host, at),
  });
  if (options.policy !== undefined) access.use(options.policy, 'test');
  let scans = 0;
  const scan =
    options.scans === true
      ? await openScan(scopeOf(t), { config: config.scan, metrics, log: quiet })
      : undefined;
  const kept: { sha256: string; bytes: number }[] = [];
  const entries: AccessEntry[] = [];
  const events: GatewayEvent[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let port = 0;
  const service = forwardProxyModule.create(
    {
      config,
      clock: systemClock,
      egress,
      access,
      verdicts: { evaluateUrl: (url) => options.verdict?.(url.host) ?? NOTHING_KNOWN },
      scan: {
        open(request) {
          if (scan === undefined) throw new Error('nothing asks for a scan');
          scans++;
          return scan.open(request);
        },
      },
      quarantine: {
        async keep({ sha256 }, bytes) {
          let count = 0;
          for await (const piece of bytes()) count += piece.length;
          kept.push({ sha256, bytes: count });
          return { kept: true, id: 'q1' };
        },
      },
      identity: { authenticate: options.authenticate ?? (() => ({ ok: false, reason: 'missing' })) },
      accessLog: {
        write(entry) {
          entries.push(entry);
          for (const each of waiting) if (entries.length >= each.count) each.resolve();
        },
        flush: () => Promise.resolve(),
        close: () => Promise.resolve(),
      },
      events: { post: (event) => events.push(event) > 0, close: () => undefined },
      viaName: 'gw.test',
    },
    {
      log: quiet,
      metrics,
      async listen(_key, serve) {
        const handle = bindPort('127.0.0.1', 0);
        if ('errno' in handle) throw new Error(handle.errno);
        const acceptor = await acceptOn({
          handles: [handle.native],
          limits: listener,
          internal: new NetworkSet(['127.0.0.0/8']),
          onRefused: () => undefined,
          onError: (error) => {
            throw error;
          },
          serve,
        });
        port = handle.port;
        t.after(() => acceptor.destroy());
      },
    },
  );
  await service.start();
  t.after(() => egress.close());
  return {
    port,
    entries,
    events,
    kept,
    scans: () => scans,
    drain: () => service.drain(),
    counted(name, ...labels) {
      const series = metrics.snapshot()[name] ?? [];
      return series.find((each) => each.l.join() === labels.join())?.v[0] ?? 0;
    },
    finished: (count) =>
      entries.length >= count
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting.push({ count, resolve });
          }),
  };
}

async function openScan(
  scope: Scope,
  { config, metrics, log }: Pick<Parameters<typeof createScanEngine>[0], 'config' | 'metrics' | 'log'>,
) {
  const dataDir = await tempDir(scope);
  const reader = openIndicators(join(dataDir, 'indicators'), systemClock);
  scope.after(() => reader.close());
  const scan = createScanEngine({
    config,
    dataDir,
    verdicts: createVerdictEngine({ reader }),
    indicatorsVersion: () => 'none',
    clock: systemClock,
    log,
    metrics,
  });
  scope.after(() => scan.close());
  await scan.ready();
  return scan;
}

function everyPort(): readonly number[] {
  return Array.from({ length: 65_535 }, (_, i) => i + 1);
}

/** A server that says exactly what the test tells it, and remembers exactly what it was told. */
export async function openRawOrigin(
  t: TestContext,
  serve: (socket: Socket, connection: number) => void,
): Promise<{ readonly port: number; readonly received: string[]; readonly connections: () => number }> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const index = connections++;
    received.push('');
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => (received[index] += chunk.toString('latin1')));
    serve(socket, index);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, received, connections: () => connections };
}

export interface Talk {
  readonly text: string;
  /** How the connection ended. */
  readonly end: 'fin' | 'reset' | 'open';
}

/** Sends bytes and reads until the other side ends, or until `until` is seen. */
export async function talk(
  port: number,
  bytes: string | readonly string[],
  until?: RegExp | number,
): Promise<Talk> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  const done = new Promise<Talk>((resolve) => {
    const check = (): void => {
      const enough = typeof until === 'number' ? text.length >= until : until?.test(text) === true;
      if (enough) resolve({ text, end: 'open' });
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      check();
    });
    socket.on('end', () => resolve({ text, end: 'fin' }));
    socket.on('error', () => resolve({ text, end: 'reset' }));
    socket.on('close', () => resolve({ text, end: 'reset' }));
  });
  for (const piece of typeof bytes === 'string' ? [bytes] : bytes) {
    socket.write(Buffer.from(piece, 'latin1'));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const result = await done;
  socket.destroy();
  return result;
}
