import type { Egress } from '../../src/engines/egress/index.ts';
import { createInspection } from '../../src/engines/inspection/index.ts';
import { createPredictor, createSitePredictor } from '../../src/engines/prediction/index.ts';
import { createOpinion } from '../../src/engines/verdict/index.ts';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type Config } from '../../src/engines/config/index.ts';
import { createExportAccess, exportShape } from '../../src/engines/exports/index.ts';
import { createFileVerdicts } from '../../src/engines/file-verdicts/index.ts';
import { createFileReputation } from '../../src/engines/hashlookup/index.ts';
import { createSessionReplica } from '../../src/engines/identity/index.ts';
import { openIndicators } from '../../src/engines/indicators/index.ts';
import type { LookAside } from '../../src/engines/look-aside/index.ts';
import { compilePolicy, DEFAULT_DOCUMENT } from '../../src/engines/policy/index.ts';
import { createQuarantine } from '../../src/engines/quarantine/index.ts';
import type { ScanEngine } from '../../src/engines/scan/index.ts';
import { createMetrics, type AccessEntry, type GatewayEvent } from '../../src/engines/telemetry/index.ts';
import { createSafeBrowsing } from '../../src/engines/safe-browsing/index.ts';
import type { Authenticator } from '../../src/engines/web/index.ts';
import {
  GatewayError,
  type ControlLink,
  type Explanation,
  type Host,
  type LogFields,
  type PortKey,
  type ServiceModule,
  type Verdict,
  type Wire,
} from '../../src/kernel/index.ts';
import { apiModule, type ApiEngines } from '../../src/services/api/index.ts';
import { webReputationModule, type WebReputationEngines } from '../../src/services/web-reputation/index.ts';
import { MemoryWire, whole } from './memory-wire.ts';

export const EVIL: Verdict = {
  verdict: 'malicious',
  score: 95,
  matches: [
    {
      feed: 'urlhaus',
      entry: 'evil.example/a/',
      kind: 'url',
      action: 'block',
      category: 'malware',
      severity: 'high',
      addedAt: '2026-01-01T00:00:00.000Z',
      confidence: 100,
      tlp: 'clear',
      ageS: 97_445,
      expiresAt: undefined,
      licence: 'CC0-1.0',
    },
  ],
};
const UNKNOWN: Verdict = { verdict: 'unknown', score: 50, matches: [] };

/** Tokens of the tests and their scopes. */
const TOKENS: Readonly<Record<string, readonly string[]>> = {
  reader: ['read'],
  boss: ['admin'],
  asker: ['reputation'],
  proxied: ['proxy'],
  analyst: ['intel'],
  partner: ['intel-write'],
  filer: ['files'],
};

/** Answers at once for tokens, later for the password `pw`, like the real one. */
const identity: Authenticator = {
  authenticate(credentials) {
    const [scheme, value = ''] = credentials.split(' ');
    if (scheme === 'Basic') {
      const [user = '', password] = Buffer.from(value, 'base64').toString().split(':');
      if (user === 'banned') return Promise.resolve({ ok: false, reason: 'banned' });
      if (user === 'away') return Promise.resolve({ ok: false, reason: 'unavailable' });
      return Promise.resolve(
        password === 'pw' ? { ok: true, user, scopes: ['admin'] } : { ok: false, reason: 'unknown' },
      );
    }
    const scopes = TOKENS[value];
    return scopes === undefined
      ? { ok: false, reason: 'unknown' }
      : { ok: true, user: `token:${value}`, scopes };
  },
};

export interface WebDoorOptions {
  readonly config?: (base: Config) => Config;
  /** What control answers, by method. */
  readonly control?: Readonly<Record<string, (params: unknown) => unknown>>;
  readonly identity?: Authenticator;
  readonly notReady?: readonly string[];
  readonly degraded?: readonly string[];
  readonly caPem?: string | undefined;
  readonly httpsPort?: number | undefined;
  /** Models of web reputation; as shipped unless said. */
  readonly predictionDir?: string;
  /** Real engines in the place of those that know three things. */
  readonly engines?: Partial<ApiEngines>;
}

/** A door of HTTP in this process, without ports: bytes in, bytes out, and everything it reports. */
export interface WebDoor {
  /** Serves one connection as if it had come in on that listener. */
  serve(key: PortKey, wire: Wire): Promise<void>;
  /** Sends a conversation on one connection and gives all that came back. */
  say(key: PortKey, text: string | readonly Uint8Array[], from?: string): Promise<string>;
  readonly entries: readonly AccessEntry[];
  readonly events: readonly GatewayEvent[];
  readonly logged: readonly (readonly [event: string, fields: LogFields])[];
  /** Calls of control, as method and parameters. */
  readonly calls: readonly (readonly [method: string, params: unknown])[];
  /** Value of a counter, 0 when nothing was counted. */
  counted(name: string, ...labels: readonly string[]): number;
  drain(): void;
}

export function openApi(options: WebDoorOptions = {}): Promise<WebDoor> {
  return openDoor<ApiEngines>(apiModule, options);
}

export function openWebReputation(options: WebDoorOptions = {}): Promise<WebDoor> {
  return openDoor<WebReputationEngines>(webReputationModule, options, (engines, host) => ({
    ...sitesOf(engines, host, options.predictionDir),
    safeBrowsing: createSafeBrowsing({
      ...host,
      ...engines,
      clock: { now: () => engines.clock.now(), monotonic: () => performance.now() },
      settings: engines.config.safeBrowsing,
    }),
  }));
}

/** The models, with an egress that reaches nothing: pages are handed in. */
function sitesOf({ config, clock, ...rest }: ApiEngines, { log, metrics }: Host, shippedDir?: string) {
  const predictor = createPredictor({
    dataDir: join(tmpdir(), 'sallyport-no-models'),
    log,
    ...(shippedDir === undefined ? {} : { shippedDir }),
  });
  const sites = createSitePredictor(predictor);
  const mode = config.prediction.urls;
  const egress = {
    tunnel: () => ({ kind: 'failure', error: 'destination_unavailable', detail: 'no egress' }),
  };
  return {
    opinion: mode === 'off' ? undefined : createOpinion({ mode, sites, clock, cacheEntries: 8 }),
    inspection:
      'inspection' in rest
        ? rest.inspection
        : createInspection({
            config: config.inspection,
            sites,
            // A failure is one of the answers of an egress.
            egress: egress as unknown as Pick<Egress, 'tunnel'>,
            clock,
            metrics,
          }),
  };
}

async function openDoor<Engines>(
  module: ServiceModule<Engines>,
  options: WebDoorOptions,
  more: (engines: ApiEngines, host: Host) => object = () => ({}),
): Promise<WebDoor> {
  const base = loadConfig({ flags: {}, environment: {}, checkout: undefined, cores: 1 });
  const config = options.config?.(base) ?? base;
  const entries: AccessEntry[] = [];
  const events: GatewayEvent[] = [];
  const logged: (readonly [string, LogFields])[] = [];
  const calls: (readonly [string, unknown])[] = [];
  const metrics = createMetrics(module.metrics);
  const serving = new Map<PortKey, (wire: Wire) => unknown>();
  const note = (event: string, fields: LogFields = {}) => void logged.push([event, fields]);
  const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6), monotonic: () => 0 };
  const link: ControlLink = {
    connected: true,
    async call(method, params) {
      calls.push([method, params]);
      const handler = options.control?.[method];
      if (handler === undefined) throw away();
      return handler(params);
    },
    post: () => true,
    subscribe: () => undefined,
    answer: () => undefined,
  };
  const engines: ApiEngines = {
    config,
    clock,
    version: '1.2.3',
    link,
    predictor: createPredictor({
      dataDir: join(tmpdir(), 'sallyport-no-models'),
      log: { debug: note, info: note, warn: note, error: note },
    }),
    reader: openIndicators(join(tmpdir(), 'sallyport-no-indicators'), clock),
    takeFile: () => Promise.reject(away()),
    lookAside: NOBODY,
    exports: createExportAccess({
      cacheDir: join(tmpdir(), 'sallyport-no-exports'),
      reader: openIndicators(join(tmpdir(), 'sallyport-no-indicators'), clock),
      link,
      clock,
      shape: exportShape(config),
      answerMs: config.exports.answerTimeoutMs,
    }),
    fileReputation: createFileReputation(link, config.fileReputation),
    fileVerdicts: createFileVerdicts(link),
    quarantine: createQuarantine({
      dataDir: join(tmpdir(), 'sallyport-no-quarantine'),
      link,
      log: { debug: note, info: note, warn: note, error: note },
    }),
    policy: compilePolicy({ document: DEFAULT_DOCUMENT }),
    scan: NO_SCAN,
    verdicts: {
      evaluateUrl: ({ host }) => (host === 'evil.example' ? EVIL : UNKNOWN),
      prepare: () => undefined,
      asksOthers: false,
      evaluateHost: (host) => (host === 'evil.example' ? EVIL : UNKNOWN),
      evaluateAddress: (address) => (address === '192.0.2.66' ? EVIL : UNKNOWN),
      evaluateHash: (hash) => (hash.startsWith('66') ? EVIL : UNKNOWN),
      evaluateEmail: (address) => (address.endsWith('@evil.example') ? EVIL : UNKNOWN),
    },
    identity: options.identity ?? identity,
    sessions: createSessionReplica({ link, clock, idleMs: config.sessions.idleMs }),
    explain: (input): Explanation => ({
      decision: 'allow',
      rule: 'default-allow',
      reasons: [JSON.stringify(input)],
      match: undefined,
      tried: [{ rule: 'default-allow', matched: true, why: 'nothing blocks it' }],
      versions: { indicators: '7' },
    }),
    accessLog: {
      write: (entry) => void entries.push(entry),
      flush: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
    events: { post: (event) => events.push(event) > 0, close: () => undefined },
    caPem: () => ('caPem' in options ? options.caPem : '-----BEGIN CERTIFICATE-----\n'),
    notReady: () => options.notReady ?? [],
    degraded: () => options.degraded ?? [],
    listenPort: (key) => {
      if (key === 'https') return 'httpsPort' in options ? options.httpsPort : 443;
      return config.listeners[key].port;
    },
    ...options.engines,
  };
  const host: Host = {
    log: { debug: note, info: note, warn: note, error: note },
    metrics,
    listen: (key, serve) => {
      serving.set(key, serve);
      return Promise.resolve();
    },
  };
  // Every engine that a door of HTTP may ask for is in `ApiEngines` or `more`.
  const service = module.create({ ...engines, ...more(engines, host) } as unknown as Engines, host);
  await service.start();
  return {
    async serve(key, wire) {
      await serving.get(key)?.(wire);
    },
    async say(key, text, from = '10.0.0.9') {
      const encrypted = key === 'https' || key === 'webReputationTls';
      const wire = new MemoryWire(typeof text === 'string' ? whole(text) : text, {
        peerAddress: from,
        encrypted,
      });
      await serving.get(key)?.(wire);
      return wire.text;
    },
    entries,
    events,
    logged,
    calls,
    counted(name, ...labels) {
      const series = metrics.snapshot()[name] ?? [];
      return series.find((each) => each.l.join() === labels.join())?.v[0] ?? 0;
    },
    drain: () => service.drain(),
  };
}

const NOBODY: LookAside = {
  asks: () => false,
  file: () => [],
  url: () => [],
  host: () => [],
  address: () => [],
  resting: () => [],
  close: () => undefined,
};

/** A test that scans brings the real one. */
const NO_SCAN: ScanEngine = {
  version: 'none',
  profiles: ['full', 'hashes', 'off'],
  open: () => {
    throw new Error('this test has no scan engine');
  },
  health: () => ({ state: 'down', code: 'starting', reason: 'not there' }),
  reloadRules: () => Promise.resolve(),
  reloadModels: () => {},
  ready: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

export function away(): GatewayError {
  return new GatewayError(
    { code: 'BUS_AWAY', kind: 'unavailable', message: 'the control process is away', hint: 'try again' },
    {},
  );
}

/** The document of an answer; fails where there is none. */
export function documentOf(answer: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(answer.slice(answer.indexOf('\r\n\r\n') + 4), 'latin1').toString('utf8'));
}

export function statusOf(answer: string): number {
  return Number(answer.slice(9, 12));
}
