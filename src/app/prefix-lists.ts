import {
  createPrefixLists,
  type HashQuestion,
  type PrefixLists,
  prefixListMetrics,
} from '../engines/look-aside/index.ts';
import type { Config } from '../engines/config/index.ts';
import { createMetrics } from '../engines/telemetry/index.ts';
import type { Clock, Log, Metrics } from '../kernel/index.ts';

export interface PrefixListsSeam {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** `undefined`: nobody counts. */
  readonly metrics?: Metrics;
  /** Answers questions for full hashes; `undefined` on a stopped gateway, where nobody is asked. */
  readonly ask?: (question: HashQuestion) => Promise<unknown>;
  config(): Config;
}

/** Lists of hash prefixes, for questions that are asked now and then: read at the first one, and again when they changed. */
export function openPrefixLists(seam: PrefixListsSeam): () => Promise<PrefixLists> {
  const { ask, metrics = createMetrics(prefixListMetrics) } = seam;
  let lists: PrefixLists | undefined;
  return async () => {
    lists ??= createPrefixLists({
      ...seam,
      config: seam.config().lookAside,
      metrics,
      ask: ask === undefined ? undefined : (question) => ask(question),
    });
    await lists.refresh();
    return lists;
  };
}
