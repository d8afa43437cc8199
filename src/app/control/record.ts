import type { Alerts } from '../../engines/alerts/index.ts';
import {
  type EventStore,
  keepHistory,
  openEventStore,
  serveEvents,
  storeEvents,
} from '../../engines/events/index.ts';
import type { Feeds } from '../../engines/feeds/index.ts';
import { createLogTargets, type LogTargets } from '../../engines/log-targets/index.ts';
import type { Pki } from '../../engines/pki/index.ts';
import type { MetricAggregate } from '../../engines/telemetry/index.ts';
import type { Health, PartReport } from '../../kernel/index.ts';
import { type UrlRedactor, urlRedactor } from '../../protocols/url/index.ts';
import { VERSION } from '../version.ts';
import { openAlertEngine } from './alerts.io.ts';
import { type LogRing, serveLogTail } from './log-ring.io.ts';
import { lazyAggregate } from './metrics.ts';
import type { Setting } from './setting.ts';

/** What happened, where it is kept, and who is told. */
export interface EventRecord {
  readonly events: EventStore;
  readonly logTargets: LogTargets;
  /** The sums of all processes. */
  readonly metrics: () => Promise<MetricAggregate>;
  parts(): readonly PartReport[];
  /** Opened last: its rules look at everything else. */
  openAlerts(watched: { readonly feeds: Feeds; readonly pki: Pki }): Promise<Alerts>;
}

export async function openRecord(setting: Setting, logLines: LogRing): Promise<EventRecord> {
  const { base, state, links, opened, own, current } = setting;
  const { clock, log, dataDir } = base;
  const late: { alerts?: Alerts } = {};
  const logTargets = createLogTargets({
    ...base,
    state,
    version: VERSION,
    limits: () => current().logTargets,
    now: () => clock.now(),
  });
  opened.add(logTargets, (targets) => targets.close());
  await logTargets.open();
  const events = openEventStore({
    dataDir,
    log,
    limits: current().events,
    redactor: redactorOf(() => current().log.redactQuery),
    now: () => clock.now(),
    onEvents: (items) => {
      logTargets.offer(items);
      late.alerts?.observe(items);
    },
  });
  opened.add(events, (store) => store.close());
  storeEvents(links, events, () => clock.now());
  serveEvents(links, events);
  serveLogTail(links, logLines);
  const metrics = lazyAggregate(links, own);
  const history = keepHistory({
    links,
    store: events,
    metrics,
    aggregates: () => current().events.allows === 'aggregate',
    now: () => clock.now(),
  });
  opened.add(history, (running) => running.close());
  return {
    events,
    logTargets,
    metrics,
    parts: () => [
      { part: 'events', health: events.health() },
      ...logTargets.health().map(({ target, health }) => ({ part: `log target ${target}`, health })),
      { part: 'alerts', health: alertHealth(late.alerts?.trouble() ?? []) },
    ],
    async openAlerts({ feeds, pki }) {
      const { gateway } = setting;
      const seam = { state, metrics: own, gateway, feeds, pki, events, logTargets, config: current };
      const alerts = opened.add(openAlertEngine(base, seam), (engine) => engine.close());
      await alerts.open();
      late.alerts = alerts;
      return alerts;
    },
  };
}

/** Made anew when a reload brings another list. */
function redactorOf(names: () => readonly string[]): () => UrlRedactor {
  let listed = names();
  let made = urlRedactor(listed);
  return () => {
    if (listed !== names()) made = urlRedactor((listed = names()));
    return made;
  };
}

function alertHealth(trouble: readonly string[]): Health {
  if (trouble.length === 0) return { state: 'ok' };
  return { state: 'degraded', code: 'alert-channel', reason: trouble.join('; ') };
}
