import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../../engines/config/index.ts';
import type { Alerts } from '../../engines/alerts/index.ts';
import { keepHistory, openEventStore, serveEvents, storeEvents } from '../../engines/events/index.ts';
import { FileVerdictStore, serveFileVerdicts } from '../../engines/file-verdicts/index.ts';
import { serveFileReputation } from '../../engines/hashlookup/index.ts';
import { openHostKeys } from '../../engines/identity/index.ts';
import { serveQuotas } from '../../engines/look-aside/index.ts';
import { serveQuarantine } from '../../engines/quarantine/index.ts';
import { createLogTargets } from '../../engines/log-targets/index.ts';
import { PrevalenceStore, servePrevalence } from '../../engines/prevalence/index.ts';
import { ModelShelf } from '../../engines/prediction/index.ts';
import { createModelAdmin } from '../../engines/training/index.ts';
import { createRuleSets } from '../../engines/scan/index.ts';
import {
  createLogRotation,
  createMetrics,
  createProcessSampler,
  type GatewayEvent,
  type MetricSlots,
} from '../../engines/telemetry/index.ts';
import type { Clock, EdgeLinks, Health, Log } from '../../kernel/index.ts';
import type { ChildStart, Facts } from '../messages.ts';
import { VERSION } from '../version.ts';
import {
  makeFirstAdmin,
  openAuthenticators,
  openIdentityAdmin,
  openIndicatorEngines,
  openPkiEngine,
  openStateStore,
  type ControlEngines,
} from './engines.ts';
import { openAlertEngine } from './alerts.io.ts';
import { openMachine } from '../appliance/index.ts';
import { openExamine } from './examine.io.ts';
import { openExportEngine } from './exports.ts';
import { feedParts, openFeedEngine, withSubscriptions } from './feeds.ts';
import type { Gateway, PartHealth } from './gateway.ts';
import { CONTROL_METRICS, lazyAggregate } from './metrics.ts';
import { type LogRing, serveLogTail } from './log-ring.io.ts';
import { openQuarantineStore } from './quarantine.ts';
import { openExplain, openPolicyEngine, openTrial, policyParts } from './policy.ts';
import { openSessions } from './sessions.ts';
import { serveSetup } from './setup.ts';
import { openOpinion } from '../opinion.ts';

/** Certificates are looked at, and the own numbers sampled, this often. */
const REFRESH_MS = 3_600_000;
const SAMPLE_MS = 1000;
/** Sessions that were silent for too long are looked for this often. */
const SWEEP_MS = 10_000;

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
  parts(): readonly PartHealth[];
  /** Takes over what can change in a running control. Throws when it cannot; nothing has changed then. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** The engines of the running gateway, in control. When it resolves, every retained topic is set. */
export async function openRunningEngines(options: RunningOptions): Promise<RunningEngines> {
  const { config, log, clock, links, current, gateway } = options;
  const base = { dataDir: config.dataDir, clock, log };
  const own = createMetrics(CONTROL_METRICS);
  const state = await openStateStore(base);
  try {
    const late: { alerts?: Alerts } = {};
    const pki = openPkiEngine(base, current);
    const indicators = openIndicatorEngines(base, {
      config,
      runImports: 'child',
      metrics: own,
      state: () => state,
      publish: (generation) => links.publish('indicators', { generation }),
    });
    const logTargets = createLogTargets({
      ...base,
      state,
      version: VERSION,
      limits: () => current().logTargets,
      monotonic: () => clock.monotonic(),
      now: () => clock.now(),
    });
    await logTargets.open();
    const events = openEventStore({
      dataDir: config.dataDir,
      log,
      limits: config.events,
      now: () => clock.now(),
      onEvents: (items) => {
        logTargets.offer(items);
        late.alerts?.observe(items);
      },
    });
    const banned = (who: { readonly user: string; readonly source: string }): void => {
      events.add([banEvent(who, clock.now())]);
    };
    const identity = openIdentityAdmin({ ...base, banned }, state, links, current);
    storeEvents(links, events, () => clock.now());
    serveEvents(links, events);
    serveLogTail(links, options.logLines);
    serveQuotas(links, () => current().lookAside, clock);
    serveFileReputation({
      links,
      clock,
      config: () => current().fileReputation,
      reader: indicators.reader,
    });
    const fileVerdicts = new FileVerdictStore({
      sql: (text, parameters) => state.sql(text, parameters),
      clock,
      log,
      bytesMax: () => current().files.verdictsBytesMax,
    });
    await fileVerdicts.open();
    serveFileVerdicts(links, fileVerdicts);
    const prevalence = new PrevalenceStore({
      sql: (text, parameters) => state.sql(text, parameters),
      clock,
      log,
      entriesMax: () => current().prediction.prevalenceEntries,
    });
    await prevalence.open();
    servePrevalence(links, prevalence);
    const quarantine = openQuarantineStore(base, { state: () => state, metrics: own, config: current });
    const quarantining = serveQuarantine(links, quarantine, (error) =>
      log.error('quarantine.sweep', { error }),
    );
    const scanRules = createRuleSets({
      dataDir: config.dataDir,
      bytesMax: () => current().scan.yara.ruleBytesMax,
      publish: (version) => links.publish('scan-rules', { version }),
    });
    await links.publish('scan-rules', { version: scanRules.version() });
    const models = createModelAdmin({
      shelf: new ModelShelf(config.dataDir),
      publish: () => links.publish('models', { atMs: clock.now() }),
    });
    await links.publish('models', { atMs: clock.now() });
    const notices = await makeFirstAdmin(identity, {
      dataDir: config.dataDir,
      password: options.adminPassword,
      terminal: options.terminal,
    });
    await identity.start();
    const authenticators = openAuthenticators(base, state, current);
    const sessions = await openSessions({
      clock,
      log,
      random: randomBytes,
      links,
      state,
      identity,
      authenticators,
      events,
      config: current,
    });
    serveSetup(links, state);
    await links.publish('indicators', { generation: indicators.admin.generation });
    await links.publish('tls', pki.tlsSnapshot());

    const feeds = openFeedEngine(base, {
      state,
      indicators: indicators.admin,
      events,
      metrics: own,
      links,
      scanRules,
      chance: () => Math.random(),
      config: current,
      ports: () => gateway.ports(),
    });
    await feeds.open();
    const exports = openExportEngine(base, {
      state: () => state,
      links,
      indicators: indicators.admin,
      metrics: own,
      runRenders: 'child',
      config: current,
    });
    await exports.start();
    const policy = openPolicyEngine(base, () => state, links, current);
    await policy.start();
    const opinion = openOpinion(base, current);
    const trialSeam = {
      policy: () => policy,
      reader: indicators.reader,
      opinion,
      config: current,
      ports: () => gateway.ports(),
      now: () => clock.now(),
    };

    const refresh = async (): Promise<void> => {
      if (pki.refresh()) await links.publish('tls', pki.tlsSnapshot());
    };
    const background = startBackground(options, own, { refresh, sweep: () => sessions.sweep() });
    const metrics = lazyAggregate(links, own);
    const history = keepHistory({
      links,
      store: events,
      metrics,
      aggregates: () => current().events.allows === 'aggregate',
      now: () => clock.now(),
    });
    const alerts = openAlertEngine(base, {
      state,
      metrics: own,
      gateway,
      feeds,
      pki,
      events,
      logTargets,
      config: current,
    });
    await alerts.open();
    late.alerts = alerts;
    const all: ControlEngines = {
      gateway,
      logLines: options.logLines,
      metrics,
      state,
      identity,
      sessions,
      authenticators,
      machine: openMachine(),
      hostKeys: onceOpened(() => openHostKeys(config.dataDir)),
      pki,
      indicators: withSubscriptions(indicators.admin, (name, actor) => feeds.unsubscribe(name, actor)),
      feeds,
      exports,
      quarantine,
      scanRules,
      models,
      opinion,
      get reader() {
        return indicators.reader();
      },
      policy,
      trial: openTrial(trialSeam),
      explain: openExplain(trialSeam, () => gateway.generation),
      events,
      logTargets,
      alerts,
      examine: openExamine(() => all, { log, clock }),
      clock,
    };
    return {
      all,
      notices,
      setFacts: (facts) => {
        countFacts(own, facts);
        // Not before all ports are known: the gateway's own sockets are no place to fetch from.
        if (facts.state === 'running') feeds.start();
      },
      parts: () => [
        ...feedParts(feeds.health()),
        ...policyParts(policy),
        ...healthPart('events', events.health()),
        ...logTargets.health().flatMap(({ target, health }) => healthPart(`log target ${target}`, health)),
        ...alerts.trouble().map((reason) => ({ part: 'alerts', state: 'degraded' as const, reason })),
      ],
      refresh,
      close: async () => {
        background.close();
        history.close();
        quarantining.close();
        policy.close();
        await alerts.close();
        await fileVerdicts.close();
        await prevalence.close();
        await feeds.close();
        await exports.close();
        indicators.close();
        await events.close();
        await logTargets.close();
        await state.close();
      },
    };
  } catch (error) {
    await state.close();
    throw error;
  }
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

function banEvent({ user, source }: { readonly user: string; readonly source: string }, timeMs: number): GatewayEvent {
  return {
    timeMs,
    type: 'login.banned',
    severity: 'warn',
    door: undefined,
    source,
    user,
    target: undefined,
    reason: 'too-many-failures',
    details: {},
  };
}

/** What control itself does is a part of the health only when it is not well. */
function healthPart(part: string, health: Health): readonly PartHealth[] {
  return health.state === 'ok' ? [] : [{ part, ...health }];
}

function countFacts(own: MetricSlots, { generation, restarts, generationsCut }: Facts): void {
  own.gauge('gateway_generation').set(generation);
  own.gauge('gateway_restarts').set(restarts);
  own.gauge('gateway_generations_cut').set(generationsCut);
}

/** What control does unasked: samples itself, turns the access log over, renews certificates. */
function startBackground(
  { config, log }: RunningOptions,
  own: MetricSlots,
  { refresh, sweep }: { refresh(): Promise<void>; sweep(): Promise<void> },
): { close(): void } {
  const sampler = createProcessSampler(own, 'control');
  const { enabled, fileBytesMax, filesMax } = config.accessLog;
  const path = join(config.dataDir, 'log', 'access.log');
  const rotation = enabled ? createLogRotation({ path, fileBytesMax, filesMax, log }) : undefined;
  const refreshNow = (): void => {
    refresh().catch((error: unknown) => log.error('pki.refresh', { error }));
  };
  const sweepNow = (): void => {
    sweep().catch((error: unknown) => log.error('sessions.sweep', { error }));
  };
  const timers = [
    setInterval(() => sampler.sample(), SAMPLE_MS),
    setInterval(refreshNow, REFRESH_MS),
    setInterval(sweepNow, SWEEP_MS),
  ];
  return {
    close: () => {
      for (const timer of timers) clearInterval(timer);
      rotation?.close();
      sampler.close();
    },
  };
}
