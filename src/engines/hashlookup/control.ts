import type { Clock, EdgeLinks } from '../../kernel/index.ts';
import type { FileReputationConfig } from '../config/index.ts';
import type { IndicatorReader } from '../indicators/index.ts';
import { METHODS, recordIn, textsIn, TOP_TOPIC } from './messages.ts';
import { Relations } from './relations.ts';
import { Sessions } from './sessions.ts';
import { SubmittedUrls } from './submitted.ts';
import { joinTops, type TopCounts } from './top-values.ts';
import { turn } from './turn.io.ts';

/** As many as the API shows. */
export const TOP_COUNT = 100;
/** An edge that does not answer in this time is left out of the sums. */
const COLLECT_MS = 1000;

export interface FileReputationControl {
  readonly links: Pick<EdgeLinks, 'handle' | 'collect'>;
  readonly clock: Clock;
  readonly config: () => FileReputationConfig;
  readonly reader: () => IndicatorReader;
}

/**
 * In control: what all edges share about files that are asked for. In memory, because none of it decides
 * anything, and gone with a restart.
 */
export function serveFileReputation({ links, clock, config, reader }: FileReputationControl): void {
  const sessions = new Sessions(config, clock);
  const submitted = new SubmittedUrls(config().submittedMax);
  const relations = new Relations({ reader, relationsMax: () => config().relationsMax, turn });

  links.handle(METHODS.make, (params) => {
    const { name, source, userAgent } = recordIn(params);
    const made = sessions.make(String(name), { source: String(source), userAgent: String(userAgent) });
    return { made };
  });
  links.handle(METHODS.add, (params) => {
    const { name, nx, exist } = recordIn(params);
    sessions.add(String(name), { nx: textsIn(nx), exist: textsIn(exist) });
    return {};
  });
  links.handle(METHODS.content, (params) => ({
    content: sessions.content(String(recordIn(params)['name'])),
  }));
  links.handle(METHODS.relations, async (params) => {
    const { of, hash, count, cursor } = recordIn(params);
    const request = { count: Number(count), cursor: String(cursor) };
    const key = String(hash);
    const page = of === 'parents' ? relations.parents(key, request) : relations.children(key, request);
    return { page: await page };
  });
  links.handle(METHODS.top, async () => {
    const told = await links.collect(TOP_TOPIC, COLLECT_MS);
    const edges = [...told.values()].map(recordIn);
    const topOf = (kind: 'nx' | 'exist'): TopCounts =>
      joinTops(
        edges.map((edge) => countsIn(edge[kind])),
        TOP_COUNT,
      );
    return { nx: topOf('nx'), exist: topOf('exist') };
  });
  links.handle(METHODS.submit, (params) => {
    const { id, url } = recordIn(params);
    submitted.set(String(id), String(url));
    return {};
  });
  links.handle(METHODS.submitted, (params) => ({ url: submitted.get(String(recordIn(params)['id'])) }));
}

function countsIn(value: unknown): TopCounts {
  if (!Array.isArray(value)) return [];
  return value.flatMap((pair: unknown): TopCounts => {
    if (!Array.isArray(pair)) return [];
    const [text, count]: readonly unknown[] = pair;
    return typeof text === 'string' && typeof count === 'number' ? [[text, count]] : [];
  });
}
