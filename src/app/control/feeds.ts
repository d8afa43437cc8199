import { Egress, readParents } from '../../engines/egress/index.ts';
import type { Config } from '../../engines/config/index.ts';
import {
  createFeeds,
  type FeedHealth,
  type Feeds,
  type PrefixFeeds,
  type RuleFeeds,
} from '../../engines/feeds/index.ts';
import type { FeedInfo, IndicatorAdmin } from '../../engines/indicators/index.ts';
import type { RuleSets } from '../../engines/scan/index.ts';
import type { State } from '../../engines/state/index.ts';
import type { EventStore } from '../../engines/events/index.ts';
import type { MetricSlots } from '../../engines/telemetry/index.ts';
import type { PartReport, PortStatus } from '../../kernel/index.ts';
import { machineAddresses, ownSockets } from '../own-sockets.ts';
import { VERSION } from '../version.ts';
import type { Foundation } from './foundation.ts';

export interface FeedSeam {
  readonly state: State;
  readonly indicators: IndicatorAdmin;
  readonly events: EventStore;
  readonly metrics: MetricSlots;
  readonly scanRules: RuleSets;
  readonly prefixes: PrefixFeeds;
  readonly chance: () => number;
  /** The health of a feed has changed. */
  lookAtHealth(): Promise<void>;
  config(): Config;
  ports(): readonly PortStatus[];
}

/** The feeds with their way out: each fetch has one of its own, made from the settings of that moment. */
export function openFeedEngine(base: Foundation, seam: FeedSeam): Feeds {
  const { clock, log } = base;
  const { metrics, events } = seam;
  return createFeeds({
    ...base,
    ...seam,
    rules: ruleFeeds(seam.scanRules),
    lookAside: () => seam.config().lookAside,
    agentName: `Sallyport/${VERSION}`,
    config: () => {
      const { feeds, indicators } = seam.config();
      return { ...feeds, lineBytesMax: indicators.importLineBytesMax };
    },
    openEgress: (route) => {
      const { egress } = seam.config();
      const parents = route === 'egress' ? readParents(egress.parents) : route === 'direct' ? [] : [route];
      return new Egress({
        config: egress,
        parents,
        clock,
        log,
        metrics,
        own: ownSockets(seam.ports()),
        machine: machineAddresses(),
      });
    },
    event: (event) => {
      events.add([event]);
    },
    unwell: () => void seam.lookAtHealth(),
  });
}

/** Sets of rules that come from feeds have the names of their feeds. */
function ruleFeeds(sets: RuleSets): RuleFeeds {
  const has = (name: string): boolean => sets.list().some((set) => set.name === name);
  return {
    has,
    install: (name, file) => sets.add(file, name),
    remove: async (name) => {
      if (has(name)) await sets.remove(name);
    },
  };
}

/** Feeds as parts of the gateway's health: with a list that gets old we work, less well. */
export function feedParts(health: readonly FeedHealth[]): readonly PartReport[] {
  return health.map(({ feed, state, reason }) => ({
    part: `feed ${feed}`,
    health: state === 'ok' ? { state } : { state: 'degraded', code: `feed-${state}`, reason },
  }));
}

/** `feed remove` ends the subscription, too: else the feed would come back with the next fetch. */
export function withSubscriptions(admin: IndicatorAdmin, unsubscribe: Feeds['unsubscribe']): IndicatorAdmin {
  return {
    get generation() {
      return admin.generation;
    },
    importFile: (request, actor, progress) => admin.importFile(request, actor, progress),
    feeds: () => admin.feeds(),
    ageS: (feed) => admin.ageS(feed),
    async remove(name, actor) {
      const was = await unsubscribe(name, actor);
      const stored = admin.feeds().some((feed) => feed.name === name);
      // A subscription that never succeeded has no entries to remove.
      return was && !stored ? ({ name, entries: 0 } as FeedInfo) : admin.remove(name, actor);
    },
    local: () => admin.local(),
    addLocal: (request, actor) => admin.addLocal(request, actor),
    removeLocal: (value, actor) => admin.removeLocal(value, actor),
  };
}
