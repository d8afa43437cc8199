import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type FileVerdict, NetworkSet, type Verdict } from '../../src/kernel/index.ts';
import { loadConfig, type Config, type IcapConfig } from '../../src/engines/config/index.ts';
import {
  createWebAccess,
  type PolicyDocument,
  type Warnings,
  type WebAccess,
} from '../../src/engines/policy/index.ts';
import { createScanEngine, type Scan, type ScanEngine, scanMetrics } from '../../src/engines/scan/index.ts';
import { createMetrics, type AccessEntry, type GatewayEvent } from '../../src/engines/telemetry/index.ts';
import { openIndicators } from '../../src/engines/indicators/index.ts';
import { createVerdictEngine } from '../../src/engines/verdict/index.ts';
import { acceptOn, bindPort, systemClock } from '../../src/platform/index.ts';
import { icapMetrics, icapModule, type IcapEngines } from '../../src/services/icap/index.ts';
import { scopeOf, tempDir } from './scope.ts';

/** The ICAP door in this process, on a port of its own, with a real scan engine and everything it reports at hand. */
export interface IcapDoor {
  readonly port: number;
  readonly entries: readonly AccessEntry[];
  readonly events: readonly GatewayEvent[];
  readonly access: WebAccess;
  readonly scan: ScanEngine;
  readonly kept: readonly { readonly sha256: string; readonly bytes: number }[];
  /** What the door called bugs of its own. */
  readonly bugs: readonly unknown[];
  drain(): void;
  /** Value of a counter or gauge, 0 when nothing was counted. */
  counted(name: string, ...labels: readonly string[]): number;
  /** Resolves when that many requests are over. */
  finished(count: number): Promise<void>;
}

export interface IcapDoorOptions {
  readonly icap?: Partial<IcapConfig>;
  readonly http?: Partial<Config['http']>;
  readonly scan?: Partial<Config['scan']>;
  readonly verdict?: (url: string) => Verdict;
  readonly policy?: PolicyDocument;
  readonly warnings?: Warnings;
  readonly idleMs?: number;
  readonly headMs?: number;
  /** Instead of the real one: for scans that fail or take their time. */
  readonly wrapScan?: (scan: ScanEngine) => ScanEngine;
}

const NOTHING_KNOWN: Verdict = { verdict: 'unknown', score: 50, matches: [] };

export async function openIcapDoor(context: TestContext, options: IcapDoorOptions = {}): Promise<IcapDoor> {
  const t = scopeOf(context);
  const dataDir = await tempDir(t);
  const base = loadConfig({ flags: {}, environment: {}, checkout: undefined, cores: 1 });
  const listener = {
    ...base.listeners.icap,
    headMs: options.headMs ?? 5000,
    idleMs: options.idleMs ?? 10_000,
  };
  const config: Config = {
    ...base,
    dataDir,
    listeners: { ...base.listeners, icap: listener },
    icap: { ...base.icap, ...options.icap },
    http: { ...base.http, ...options.http },
    scan: { ...base.scan, ...options.scan },
    blockPage: { organization: 'Example Corp', contact: 'helpdesk@example.test' },
  };
  const bugs: unknown[] = [];
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (event: string, fields?: unknown) => void bugs.push(event, fields),
  };
  const metrics = createMetrics([...icapMetrics, ...scanMetrics]);
  const reader = openIndicators(join(dataDir, 'indicators'), systemClock);
  t.after(() => reader.close());
  const scan = createScanEngine({
    config: config.scan,
    dataDir,
    verdicts: createVerdictEngine({ reader }),
    indicatorsVersion: () => 'none',
    clock: systemClock,
    log,
    metrics,
  });
  t.after(() => scan.close());
  await scan.ready();
  const access = createWebAccess({
    ...config.forwardProxy,
    guard: () => undefined,
    ...(options.warnings === undefined ? {} : { warnings: options.warnings }),
  });
  if (options.policy !== undefined) access.use(options.policy, 'test-1');
  const entries: AccessEntry[] = [];
  const events: GatewayEvent[] = [];
  const kept: { sha256: string; bytes: number }[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const engines: IcapEngines = {
    config,
    clock: systemClock,
    access,
    verdicts: { evaluateUrl: (url) => options.verdict?.(url.host) ?? NOTHING_KNOWN },
    scan: options.wrapScan?.(scan) ?? scan,
    quarantine: {
      async keep({ sha256 }, bytes) {
        let count = 0;
        for await (const piece of bytes()) count += piece.length;
        kept.push({ sha256, bytes: count });
        return { kept: true, id: 'q1' };
      },
    },
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
    version: '0.0.0',
    later(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      return { cancel: () => clearTimeout(timer) };
    },
  };
  let port = 0;
  const service = icapModule.create(engines, {
    log,
    metrics,
    async listen(key, serve) {
      if (key !== 'icap') return;
      const handle = bindPort('127.0.0.1', 0);
      if ('errno' in handle) throw new Error(handle.errno);
      const acceptor = await acceptOn({
        handles: [handle.native],
        limits: listener,
        internal: new NetworkSet(['127.0.0.0/8']),
        onRefused: () => undefined,
        onError: (error) => void bugs.push(error),
        serve,
      });
      port = handle.port;
      t.after(() => acceptor.destroy());
    },
  });
  await service.start();
  return {
    port,
    entries,
    events,
    access,
    scan,
    kept,
    bugs,
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

/** An engine whose scans end otherwise. */
export function wrapped(engine: ScanEngine, finish: (scan: Scan) => Promise<FileVerdict>): ScanEngine {
  return {
    version: engine.version,
    profiles: engine.profiles,
    health: () => engine.health(),
    reloadRules: () => engine.reloadRules(),
    reloadModels: () => {},
    ready: () => engine.ready(),
    close: () => engine.close(),
    open(request) {
      const scan = engine.open(request);
      return {
        write: (bytes) => scan.write(bytes),
        sha256: () => scan.sha256(),
        finish: () => finish(scan),
        get early() {
          return scan.early;
        },
        content: () => scan.content(),
        replay: () => scan.replay(),
        get replayable() {
          return scan.replayable;
        },
        get bytes() {
          return scan.bytes;
        },
        close: () => scan.close(),
      };
    },
  };
}
