import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Egress, readParents } from '../../engines/egress/index.ts';
import { createExplain } from '../../engines/exchange/index.ts';
import { createExportAccess, exportShape, type ExportAccess } from '../../engines/exports/edge/index.ts';
import { createFileVerdicts } from '../../engines/file-verdicts/index.ts';
import { createFileReputation } from '../../engines/hashlookup/index.ts';
import { createIdentityReplica, createSessionReplica } from '../../engines/identity/edge/index.ts';
import type { IndicatorReader } from '../../engines/indicators/edge/index.ts';
import { createInspection } from '../../engines/inspection/index.ts';
import { createLookAside } from '../../engines/look-aside/index.ts';
import { createQuarantine } from '../../engines/quarantine/edge/index.ts';
import {
  createAccessLog,
  createEventQueue,
  noAccessLog,
  type AccessLog,
} from '../../engines/telemetry/index.ts';
import { PORT_TABLE, type Log, type Metrics, type PortKey, type PortStatus } from '../../kernel/index.ts';
import { urlRedactor } from '../../protocols/url/index.ts';
import type { ApiEngines } from '../../services/api/index.ts';
import type { ForwardProxyEngines } from '../../services/forward-proxy/index.ts';
import type { IcapEngines } from '../../services/icap/index.ts';
import type { WebReputationEngines } from '../../services/web-reputation/index.ts';
import { machineAddresses, ownSockets } from '../own-sockets.ts';
import { VERSION } from '../version.ts';
import { openAccess } from './access.ts';
import type { EdgeOptions } from './options.ts';
import { openJudging } from './judging.ts';
import { takeGivenFile } from './given-file.io.ts';
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
  const judging = openJudging(options, metrics);
  const { reader, sites, verdicts } = judging.engines;
  const identity = createIdentityReplica({ link, clock, random: randomBytes });
  const sessions = createSessionReplica({ link, clock, idleMs: config.sessions.idleMs });
  const egress = openEgress(options, metrics);
  const lookAside = createLookAside({ config: config.lookAside, egress, link, clock, log, metrics });
  const { access, policy, topics } = openAccess(options, egress);
  const accessLog = openAccessLog(options, log, metrics);
  const events = createEventQueue(link, config.events.queueMax, { metrics });
  const versions = (): Readonly<Record<string, string>> => ({
    config: String(options.generation),
    indicators: reader.generation,
    policy: access.policy.version,
  });
  const exports = openExports(options, reader);
  let unwell: readonly string[] = [];
  return {
    engines: {
      config,
      clock,
      link,
      version: VERSION,
      viaName: options.name,
      ...judging.engines,
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
      policy,
      explain: createExplain({ access, verdicts, versions, now: () => clock.now() }),
      accessLog,
      events,
      takeFile: (path) => takeGivenFile(config.dataDir, path),
      later: runLater,
      caPem: () => seam.caPem(),
      notReady: () => seam.notReady(),
      degraded: () => unwell,
      listenPort: (key) => listenPortIn(options.ports, key),
    },
    topics: {
      ...judging.topics,
      ...topics,
      identity: (snapshot) => identity.apply(snapshot),
      sessions: (told) => sessions.apply(told),
      exports: (snapshot) => exports.apply(snapshot),
      health: (told) => {
        unwell = unwellIn(told);
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

function openEgress({ config, clock, log, ports }: EdgeOptions, metrics: Metrics): Egress {
  return new Egress({
    config: config.egress,
    parents: readParents(config.egress.parents),
    clock,
    log,
    metrics,
    own: ownSockets(ports),
    machine: machineAddresses(),
  });
}

function openExports({ config, link, clock }: EdgeOptions, reader: IndicatorReader): ExportAccess {
  return createExportAccess({
    cacheDir: join(config.dataDir, 'exports', 'cache'),
    reader,
    link,
    clock,
    shape: exportShape(config),
    answerMs: config.exports.answerTimeoutMs,
  });
}

function openAccessLog({ config }: EdgeOptions, log: Log, metrics: Metrics): AccessLog {
  const { enabled, format, bufferBytesMax } = config.accessLog;
  if (!enabled) return noAccessLog();
  const path = join(config.dataDir, 'log', 'access.log');
  const redactor = urlRedactor(config.log.redactQuery);
  return createAccessLog({ path, format, bufferBytesMax, redactor, log, metrics });
}

/** The port that really listens; `undefined`: the listener is disabled. */
export function listenPortIn(ports: readonly PortStatus[], key: PortKey): number | undefined {
  const row = PORT_TABLE.find((each) => each.key === key);
  const status = ports.find((each) => each.port === row?.port);
  return status?.state === 'open' ? status.listenPort : undefined;
}

function unwellIn(told: unknown): readonly string[] {
  const list = typeof told === 'object' && told !== null && 'unwell' in told ? told.unwell : [];
  return Array.isArray(list) ? list.map(String) : [];
}
