import type { EventStore } from '../../engines/events/index.ts';
import type { ExportAdmin } from '../../engines/exports/index.ts';
import type { Feeds } from '../../engines/feeds/index.ts';
import { serveFileReputation } from '../../engines/hashlookup/index.ts';
import type { IndicatorAdmin, IndicatorReader } from '../../engines/indicators/index.ts';
import {
  type HashQuestion,
  openPrefixListStore,
  PREFIX_LISTS_TOPIC,
  type PrefixLists,
  serveHashQuestions,
  serveQuotas,
} from '../../engines/look-aside/index.ts';
import type { RuleSets } from '../../engines/scan/index.ts';
import { openPrefixLists } from '../prefix-lists.ts';
import { openIndicatorEngines } from './engines.ts';
import { openExportEngine } from './exports.ts';
import { openFeedEngine, withSubscriptions } from './feeds.ts';
import type { Setting } from './setting.ts';

/** Lists: where they come from, what is in them, and where they go. */
export interface Knowledge {
  readonly indicators: IndicatorAdmin;
  readonly reader: () => IndicatorReader;
  readonly feeds: Feeds;
  readonly exports: ExportAdmin;
  readonly prefixLists: () => Promise<PrefixLists>;
}

export interface KnowledgeSeam {
  readonly events: EventStore;
  readonly scanRules: RuleSets;
  lookAtHealth(): Promise<void>;
}

export async function openKnowledge(
  { base, state, links, gateway, own, opened, current }: Setting,
  { events, scanRules, lookAtHealth }: KnowledgeSeam,
): Promise<Knowledge> {
  const { clock } = base;
  const indicators = openIndicatorEngines(base, {
    config: current(),
    runImports: 'child',
    metrics: own,
    state: () => state,
    publish: (generation) => links.publish('indicators', { generation }),
  });
  opened.add(indicators, (engine) => engine.close());
  serveQuotas(links, () => current().lookAside, clock);
  serveFileReputation({ links, clock, config: () => current().fileReputation, reader: indicators.reader });
  await links.publish('indicators', { generation: indicators.admin.generation });
  const exports = openExportEngine(base, {
    state: () => state,
    links,
    indicators: indicators.admin,
    metrics: own,
    runRenders: 'child',
    config: current,
  });
  opened.add(exports, (engine) => engine.close());
  await exports.start();
  const publishPrefixes = (): Promise<void> => links.publish(PREFIX_LISTS_TOPIC, {});
  await publishPrefixes();
  const feeds = openFeedEngine(base, {
    state,
    indicators: indicators.admin,
    events,
    metrics: own,
    lookAtHealth,
    scanRules,
    prefixes: openPrefixListStore(base.dataDir, publishPrefixes),
    chance: () => Math.random(),
    config: current,
    ports: () => gateway.ports(),
  });
  opened.add(feeds, (engine) => engine.close());
  await feeds.open();
  const ask = ({ feed, prefixes, states }: HashQuestion) =>
    feeds.findHashes(
      feed,
      prefixes,
      states.map((text) => Buffer.from(text, 'base64')),
    );
  serveHashQuestions(links, ask);
  return {
    indicators: withSubscriptions(indicators.admin, (name, actor) => feeds.unsubscribe(name, actor)),
    reader: indicators.reader,
    feeds,
    exports,
    prefixLists: openPrefixLists({ ...base, config: current, metrics: own, ask }),
  };
}
