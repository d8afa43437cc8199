import type { Config } from '../../engines/config/index.ts';
import { openHostKeys } from '../../engines/identity/index.ts';
import type { EventStore } from '../../engines/events/index.ts';
import { createMetrics, type MetricSlots } from '../../engines/telemetry/index.ts';
import type { Clock, EdgeLinks, Log, PartReport } from '../../kernel/index.ts';
import { healthOfDisk } from '../disk.io.ts';
import { openMachine } from '../appliance/index.ts';
import type { ChildStart, Facts } from '../messages.ts';
import { startBackground } from './background.io.ts';
import { openDeciding } from './decide.ts';
import { ClockWatch } from './clock-watch.ts';
import { openCertificateAdmin, openPkiEngine, openStateStore, type ControlEngines } from './engines.ts';
import { openExamine } from './examine.io.ts';
import { feedParts } from './feeds.ts';
import { openFileEngines } from './files.ts';
import type { Gateway } from './gateway.ts';
import { HealthTeller } from './health.ts';
import { openKnowledge } from './knowledge.io.ts';
import type { LogRing } from './log-ring.io.ts';
import { CONTROL_METRICS } from './own-metrics.ts';
import { Opened } from './opened.ts';
import { openPeople } from './people.ts';
import { policyParts } from './policy.ts';
import { openRecord } from './record.ts';
import type { Setting } from './setting.ts';
import { countTargets } from './target-metrics.ts';

export interface RunningOptions extends ChildStart {
  readonly log: Log;
  readonly logLines: LogRing;
  readonly clock: Clock;
  readonly links: EdgeLinks;
  readonly gateway: Gateway;
  /** The configuration as it is now. */
  current(): Config;
}

export interface RunningEngines {
  readonly all: ControlEngines;
  readonly notices: readonly string[];
  setFacts(facts: Facts): void;
  /** Health of what control does besides its commands. */
  parts(): Promise<readonly PartReport[]>;
  /** Takes over what can change in a running control. Throws when it cannot; nothing has changed then. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** The engines of the running gateway, in control. When it resolves, every retained topic is set. */
export async function openRunningEngines(options: RunningOptions): Promise<RunningEngines> {
  const { config, log, clock, links, gateway, logLines } = options;
  const base = { dataDir: config.dataDir, clock, log };
  const opened = new Opened();
  try {
    const state = opened.add(await openStateStore(base), (store) => store.close());
    const own = createMetrics(CONTROL_METRICS);
    const current = (): Config => options.current();
    const setting: Setting = { base, state, links, gateway, own, opened, current };
    const { notices, pki, record, health, people, files, reader, knowledge, deciding, alerts } =
      await openRooms(setting, options);
    const refresh = async (): Promise<void> => {
      if (pki.refresh()) await links.publish('tls', pki.tlsSnapshot());
      await people.sessions.revoke(await people.revocations.marks());
    };
    const count = countTargets(own, record);
    startBackground(setting, {
      ...health,
      refresh,
      sweep: () => people.sessions.sweep(),
      count,
    });
    const { events, logTargets, metrics } = record;
    const all: ControlEngines = {
      gateway,
      logLines,
      state,
      clock,
      pki,
      certificates: openCertificateAdmin(pki, setting),
      machine: openMachine(),
      hostKeys: onceOpened(() => openHostKeys(config.dataDir)),
      ...people,
      ...knowledge,
      ...files,
      ...deciding,
      events,
      logTargets,
      metrics,
      alerts,
      get reader() {
        return reader();
      },
      examine: openExamine(() => all, { log, clock }),
    };
    return {
      all,
      notices,
      setFacts: (facts) => {
        countFacts(own, facts);
        void health.look();
        // Not before all ports are known: the gateway's own sockets are no place to fetch from.
        if (facts.state === 'running') knowledge.feeds.start();
      },
      parts: async () => [
        ...(await health.parts()),
        ...feedParts(knowledge.feeds.health()),
        ...policyParts(deciding.policy),
        ...record.parts(),
      ],
      refresh,
      close: () => opened.close(),
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** What control does, in the order in which one needs the other. */
async function openRooms(setting: Setting, options: RunningOptions) {
  const pki = openPkiEngine(setting.base, setting.current);
  await setting.links.publish('tls', pki.tlsSnapshot());
  const record = await openRecord(setting, options.logLines);
  const health = openHealth(setting, record.events);
  await health.look();
  const files = await openFileEngines(setting);
  const first = { password: options.adminPassword, terminal: options.terminal };
  const { notices, ...people } = await openPeople(setting, record.events, first);
  const { reader, ...knowledge } = await openKnowledge(setting, {
    ...record,
    ...files,
    lookAtHealth: health.look,
  });
  const deciding = await openDeciding(setting, { reader, prefixLists: knowledge.prefixLists });
  const alerts = await record.openAlerts({ feeds: knowledge.feeds, pki });
  return { notices, pki, record, health, people, files, reader, knowledge, deciding, alerts };
}

/** How the machine under the gateway is, and who is told of the health. `look` never rejects: it is called again. */
function openHealth({ base, gateway, own, links, current }: Setting, events: EventStore) {
  const { log, clock } = base;
  const teller = new HealthTeller({ gateway, metrics: own, links, events, log, now: () => clock.now() });
  const clockWatch = new ClockWatch(clock);
  return {
    clockWatch,
    look: () => teller.look().catch((error: unknown) => log.error('health.not-looked', { error })),
    async parts(): Promise<readonly PartReport[]> {
      const { dataDir, health } = current();
      return [
        { part: 'disk', health: await healthOfDisk(dataDir, health.diskFreeMin) },
        { part: 'clock', health: clockWatch.health() },
      ];
    },
  };
}

/** Of all who ask at the same time, one opens it; a failure is tried again. */
function onceOpened<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}

function countFacts(own: MetricSlots, { generation, restarts, generationsCut }: Facts): void {
  own.gauge('gateway_generation').set(generation);
  own.gauge('gateway_restarts').set(restarts);
  own.gauge('gateway_generations_cut').set(generationsCut);
}
