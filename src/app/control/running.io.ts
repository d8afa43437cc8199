import { join } from 'node:path';
import type { Config } from '../../engines/config/index.ts';
import { serveFileVerdicts } from '../../engines/file-verdicts/index.ts';
import { serveFileReputation } from '../../engines/hashlookup/index.ts';
import { serveQuotas } from '../../engines/look-aside/index.ts';
import { serveQuarantine } from '../../engines/quarantine/index.ts';
import { createRuleSets } from '../../engines/scan/index.ts';
import {
  createEventStore,
  createLogRotation,
  createMetrics,
  createProcessSampler,
  storeEvents,
  type MetricSlots,
} from '../../engines/telemetry/index.ts';
import type { Clock, EdgeLinks, Log } from '../../kernel/index.ts';
import type { ChildStart, Facts } from '../messages.ts';
import {
  makeFirstAdmin,
  openIdentityAdmin,
  openIndicatorEngines,
  openPkiEngine,
  openStateStore,
  type ControlEngines,
} from './engines.ts';
import { openExportEngine } from './exports.ts';
import { feedParts, openFeedEngine, withSubscriptions } from './feeds.ts';
import type { Gateway, PartHealth } from './gateway.ts';
import { CONTROL_METRICS, lazyAggregate } from './metrics.ts';
import type { LogRing } from './log-ring.ts';
import { openQuarantineStore } from './quarantine.ts';
import { openExplain, openPolicyEngine, openTrial, policyParts } from './policy.ts';

/** Certificates are looked at, and the own numbers sampled, this often. */
const REFRESH_MS = 3_600_000;
const SAMPLE_MS = 1000;

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
    const identity = openIdentityAdmin(base, state, links, current);
    const pki = openPkiEngine(base, current);
    const indicators = openIndicatorEngines(base, {
      config,
      runImports: 'child',
      metrics: own,
      state: () => state,
      publish: (generation) => links.publish('indicators', { generation }),
    });
    const events = createEventStore((text, parameters) => state.sql(text, parameters), {
      keepMax: config.events.keepMax,
    });
    await events.open();
    storeEvents(links, events, { clock, log });
    serveQuotas(links, () => current().lookAside, clock);
    serveFileReputation({
      links,
      clock,
      config: () => current().fileReputation,
      reader: indicators.reader,
    });
    serveFileVerdicts(links, () => current().files.verdictsBytesMax);
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
    const notices = await makeFirstAdmin(identity, {
      dataDir: config.dataDir,
      password: options.adminPassword,
      terminal: options.terminal,
    });
    await identity.start();
    await links.publish('indicators', { generation: indicators.admin.generation });
    await links.publish('tls', pki.tlsSnapshot());

    const feeds = openFeedEngine(base, {
      state,
      indicators: indicators.admin,
      events,
      metrics: own,
      links,
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
    const policy = openPolicyEngine(base, () => state, links);
    await policy.start();
    const trialSeam = {
      policy: () => policy,
      reader: indicators.reader,
      config: current,
      ports: () => gateway.ports(),
      now: () => clock.now(),
    };

    const refresh = async (): Promise<void> => {
      if (pki.refresh()) await links.publish('tls', pki.tlsSnapshot());
    };
    const background = startBackground(options, own, refresh);
    const all: ControlEngines = {
      gateway,
      logLines: options.logLines,
      metrics: lazyAggregate(links, own),
      state,
      identity,
      pki,
      indicators: withSubscriptions(indicators.admin, (name, actor) => feeds.unsubscribe(name, actor)),
      feeds,
      exports,
      quarantine,
      scanRules,
      get reader() {
        return indicators.reader();
      },
      policy,
      trial: openTrial(trialSeam),
      explain: openExplain(trialSeam, () => gateway.generation),
      events,
    };
    return {
      all,
      notices,
      setFacts: (facts) => {
        countFacts(own, facts);
        // Not before all ports are known: the gateway's own sockets are no place to fetch from.
        if (facts.state === 'running') feeds.start();
      },
      parts: () => [...feedParts(feeds.health()), ...policyParts(policy)],
      refresh,
      close: async () => {
        background.close();
        quarantining.close();
        policy.close();
        await feeds.close();
        await exports.close();
        indicators.close();
        await state.close();
      },
    };
  } catch (error) {
    await state.close();
    throw error;
  }
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
  refresh: () => Promise<void>,
): { close(): void } {
  const sampler = createProcessSampler(own, 'control');
  const { enabled, fileBytesMax, filesMax } = config.accessLog;
  const path = join(config.dataDir, 'log', 'access.log');
  const rotation = enabled ? createLogRotation({ path, fileBytesMax, filesMax, log }) : undefined;
  const refreshNow = (): void => {
    refresh().catch((error: unknown) => log.error('pki.refresh', { error }));
  };
  const timers = [setInterval(() => sampler.sample(), SAMPLE_MS), setInterval(refreshNow, REFRESH_MS)];
  return {
    close: () => {
      for (const timer of timers) clearInterval(timer);
      rotation?.close();
      sampler.close();
    },
  };
}
