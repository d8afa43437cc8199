import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Egress, readParents } from '../../engines/egress/index.ts';
import { createExplain } from '../../engines/exchange/index.ts';
import { createExportAccess, exportShape } from '../../engines/exports/index.ts';
import { createFileVerdicts } from '../../engines/file-verdicts/index.ts';
import { createFileReputation } from '../../engines/hashlookup/index.ts';
import { createIdentityReplica, createSessionReplica } from '../../engines/identity/index.ts';
import { createInspection } from '../../engines/inspection/index.ts';
import { createLookAside } from '../../engines/look-aside/index.ts';
import {
  createWebAccess,
  GRANT_CALL,
  GRANTS_TOPIC,
  POLICY_TOPIC,
  takeGrants,
  takePolicy,
  Warnings,
} from '../../engines/policy/index.ts';
import { createQuarantine } from '../../engines/quarantine/index.ts';
import {
  createAccessLog,
  createEventQueue,
  noAccessLog,
  type AccessLog,
} from '../../engines/telemetry/index.ts';
import { PORT_TABLE, type Log, type Metrics, type PortKey, type PortStatus } from '../../kernel/index.ts';
import type { ApiEngines } from '../../services/api/index.ts';
import type { ForwardProxyEngines } from '../../services/forward-proxy/index.ts';
import type { IcapEngines } from '../../services/icap/index.ts';
import type { WebReputationEngines } from '../../services/web-reputation/index.ts';
import { machineAddresses, ownSockets } from '../own-sockets.ts';
import { VERSION } from '../version.ts';
import type { EdgeOptions } from './edge.io.ts';
import { openJudging } from './judging.ts';
import { runLater } from './later.io.ts';

/** What the doors of an edge are made of. Each names the part that it needs. */
export type EdgeEngines = ApiEngines & ForwardProxyEngines & WebReputationEngines & IcapEngines;

export interface OpenEdgeEngines {
  readonly engines: EdgeEngines;
  /** Retained topics and who takes them. */
  readonly topics: Readonly<Record<string, (data: unknown) => void | Promise<void>>>;
  close(): Promise<void>;
}

export interface EdgeSeam {
  readonly metrics: Metrics;
  caPem(): string | undefined;
  notReady(): readonly string[];
}

export function openEdgeEngines(options: EdgeOptions, seam: EdgeSeam): OpenEdgeEngines {
  const { config, clock, log, link } = options;
  const { metrics } = seam;
  const { sites, takeModels, ...judging } = openJudging(options, metrics);
  const { reader, verdicts, scan } = judging;
  const identity = createIdentityReplica({ link, clock, random: randomBytes });
  const sessions = createSessionReplica({ link, clock, idleMs: config.sessions.idleMs });
  const egress = new Egress({
    config: config.egress,
    parents: readParents(config.egress.parents),
    clock,
    log,
    metrics,
    own: ownSockets(options.ports),
    machine: machineAddresses(),
  });
  const lookAside = createLookAside({ config: config.lookAside, egress, link, clock, log, metrics });
  const access = createWebAccess({
    ...config.forwardProxy,
    guard: (host, port) => egress.refusalOf(host, port),
    shares: config.edges,
    warnings: new Warnings(async (grant) => void (await link.call(GRANT_CALL, grant))),
  });
  link.answer(POLICY_TOPIC, () => access.policy.version);
  const accessLog = openAccessLog(options, log, metrics);
  const events = createEventQueue(link, config.events.queueMax, { metrics });
  const versions = (): Readonly<Record<string, string>> => ({
    config: String(options.generation),
    indicators: reader.generation,
    policy: access.policy.version,
  });
  const exports = createExportAccess({
    cacheDir: join(config.dataDir, 'exports', 'cache'),
    reader,
    link,
    clock,
    shape: exportShape(config),
    answerMs: config.exports.answerTimeoutMs,
  });
  let unwell: readonly string[] = [];
  return {
    engines: {
      config,
      clock,
      link,
      version: VERSION,
      viaName: options.name,
      ...judging,
      inspection: createInspection({ config: config.inspection, sites, egress, clock, metrics }),
      exports,
      lookAside,
      fileReputation: createFileReputation(link, config.fileReputation),
      fileVerdicts: createFileVerdicts(link),
      quarantine: createQuarantine({ dataDir: config.dataDir, link, log }),
      identity,
      sessions,
      egress,
      access,
      // Another one from one request to the next.
      policy: {
        decide: (phase, facts) => access.policy.decide(phase, facts),
        get requestFields() {
          return access.policy.requestFields;
        },
      },
      explain: createExplain({ access, verdicts, versions, now: () => clock.now() }),
      accessLog,
      events,
      later: runLater,
      caPem: () => seam.caPem(),
      notReady: () => seam.notReady(),
      degraded: () => unwell,
      listenPort: (key) => listenPortIn(options.ports, key),
    },
    topics: {
      identity: (snapshot) => identity.apply(snapshot),
      sessions: (told) => sessions.apply(told),
      [POLICY_TOPIC]: (told) => takePolicy(access, told),
      [GRANTS_TOPIC]: (told) => takeGrants(access, told),
      exports: (snapshot) => exports.apply(snapshot),
      feeds: (told) => {
        unwell = unwellIn(told);
      },
      'scan-rules': () => scan.reloadRules(),
      models: takeModels,
      indicators: async (told) => {
        if (generationIn(told) !== reader.generation) await reader.reload();
      },
    },
    close: async () => {
      events.close();
      lookAside.close();
      await judging.close();
      egress.close();
      await accessLog.close();
    },
  };
}

function openAccessLog({ config }: EdgeOptions, log: Log, metrics: Metrics): AccessLog {
  const { enabled, format, bufferBytesMax } = config.accessLog;
  if (!enabled) return noAccessLog();
  const path = join(config.dataDir, 'log', 'access.log');
  return createAccessLog({ path, format, bufferBytesMax, log, metrics });
}

/** The port that really listens; `undefined`: the listener is disabled. */
export function listenPortIn(ports: readonly PortStatus[], key: PortKey): number | undefined {
  const row = PORT_TABLE.find((each) => each.key === key);
  const status = ports.find((each) => each.port === row?.port);
  return status?.state === 'open' ? status.listenPort : undefined;
}

function generationIn(told: unknown): unknown {
  return typeof told === 'object' && told !== null && 'generation' in told ? told.generation : undefined;
}

function unwellIn(told: unknown): readonly string[] {
  const list = typeof told === 'object' && told !== null && 'unwell' in told ? told.unwell : [];
  return Array.isArray(list) ? list.map(String) : [];
}
