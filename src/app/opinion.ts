import type { Config } from '../engines/config/index.ts';
import { createPredictor, createSitePredictor } from '../engines/prediction/index.ts';
import { createOpinion, type SiteOpinion } from '../engines/verdict/index.ts';
import type { Clock, Log } from '../kernel/index.ts';

/** What models say, for questions that are asked now and then: the models in force are read anew each time. */
export function openOpinion(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  config: () => Config,
): () => SiteOpinion | undefined {
  return () => {
    const { dataDir, prediction } = config();
    const mode = prediction.urls;
    if (mode === 'off') return undefined;
    return createOpinion({
      mode,
      sites: createSitePredictor(createPredictor({ dataDir, log })),
      clock,
      cacheEntries: 0,
    });
  };
}
