import { join } from 'node:path';
import { openIndicators } from '../../engines/indicators/edge/index.ts';
import { createPrefixLists, FIND_HASHES_METHOD, PREFIX_LISTS_TOPIC } from '../../engines/look-aside/index.ts';
import { createPredictor, createSitePredictor } from '../../engines/prediction/index.ts';
import { createPrevalence } from '../../engines/prevalence/index.ts';
import { createSafeBrowsing } from '../../engines/safe-browsing/index.ts';
import { createScanEngine } from '../../engines/scan/index.ts';
import { createOpinion, createVerdictEngine } from '../../engines/verdict/index.ts';
import type { Metrics } from '../../kernel/index.ts';
import type { EdgeOptions } from './options.ts';

/** Everything in an edge that says what a name, a URL or a file is: lists, models, scanners. */
export function openJudging({ config, clock, log, link }: EdgeOptions, metrics: Metrics) {
  const { dataDir, prediction } = config;
  const reader = openIndicators(join(dataDir, 'indicators'), clock);
  const predictor = createPredictor({ dataDir, log });
  const sites = createSitePredictor(predictor);
  const mode = prediction.urls;
  const cacheEntries = prediction.urlCacheEntries;
  const opinion = mode === 'off' ? undefined : createOpinion({ mode, sites, clock, cacheEntries });
  const prefixLists = createPrefixLists({
    dataDir,
    config: config.lookAside,
    clock,
    log,
    metrics,
    ask: (question, timeoutMs) => link.call(FIND_HASHES_METHOD, question, timeoutMs),
  });
  const verdicts = createVerdictEngine({
    reader,
    opinion: mode === 'block' ? opinion : undefined,
    prefixLists,
  });
  const settings = config.safeBrowsing;
  const safeBrowsing = createSafeBrowsing({ reader, verdicts, settings, clock, log, metrics });
  const prevalence = createPrevalence(link);
  const scan = createScanEngine({
    config: config.scan,
    prediction,
    predictor,
    seen: (sha256, source) => prevalence.seen(sha256, source),
    dataDir,
    verdicts,
    indicatorsVersion: () => reader.generation,
    weakHashesListed: () => reader.hasWeakHashes,
    clock,
    log,
    metrics,
  });
  return {
    engines: { reader, predictor, sites, opinion, verdicts, safeBrowsing, scan },
    topics: {
      indicators: async (told: unknown) => {
        if (generationIn(told) !== reader.generation) await reader.reload();
      },
      [PREFIX_LISTS_TOPIC]: () => prefixLists.refresh(),
      'scan-rules': () => scan.reloadRules(),
      /** Another model is in force: what the one before has said is forgotten. */
      models: () => {
        predictor.reload();
        opinion?.forget();
        scan.reloadModels();
      },
    },
    close: async () => {
      await scan.close();
      reader.close();
    },
  };
}

function generationIn(told: unknown): unknown {
  return typeof told === 'object' && told !== null && 'generation' in told ? told.generation : undefined;
}
