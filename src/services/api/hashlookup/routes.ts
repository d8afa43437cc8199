import { jsonAnswer, type WebAnswer, type WebHandler } from '../../../engines/web/index.ts';
import type { ApiEngines } from '../context.ts';
import type { LookUp } from '../look-up.ts';
import { controlAwayAnswer, messageAnswer } from './answers.ts';
import { bulkRoute } from './bulk-route.ts';
import { HASH_TYPES, hashTypeOf } from './hash-types.ts';
import { lookupRoute } from './lookup-route.ts';
import { relationRoutes } from './relation-routes.ts';
import { sessionRoutes } from './session-routes.ts';

/** The version of the API whose shapes these are. */
const HASHLOOKUP_VERSION = '1.3';

type Routes = readonly (readonly [path: string, methods: Readonly<Record<string, WebHandler>>])[];

/** The API of CIRCL hashlookup over the lists of this gateway. */
export function hashlookupRoutes(engines: ApiEngines, lookUp: LookUp): Routes {
  return [
    ...Object.values(HASH_TYPES).flatMap((type): Routes => [
      [`/lookup/${type.name}/`, { GET: lookupRoute(engines, lookUp, type) }],
      [`/bulk/${type.name}`, { POST: bulkRoute(engines, type) }],
    ]),
    ['/info', { GET: () => infoAnswer(engines) }],
    ...relationRoutes(engines),
    ...sessionRoutes(engines),
    ['/stats/top', { GET: () => topAnswer(engines).catch(controlAwayAnswer) }],
  ];
}

function infoAnswer({ reader, version }: ApiEngines): WebAnswer {
  const feeds = reader.feeds.filter(({ kinds, action }) => kinds.hash > 0 && action !== 'suppress');
  return jsonAnswer({
    'hashlookup-version': HASHLOOKUP_VERSION,
    'stat:hashlookup_total_keys': reader.counts.kinds.hash,
    'sallyport:version': version,
    'sallyport:generation': reader.generation,
    'sallyport:feeds': feeds.map(({ name, action, kinds, importedAt, licence }) => ({
      name,
      action,
      hashes: kinds.hash,
      importedAt,
      licence,
    })),
  });
}

async function topAnswer({ fileReputation, config }: ApiEngines): Promise<WebAnswer> {
  if (config.fileReputation.topValuesMax === 0) return messageAnswer(400, 'Public statistics not enabled');
  const { nx, exist } = await fileReputation.top();
  return jsonAnswer({
    nx: nx.map(([hash, count]) => [hash.toUpperCase(), count]),
    exist: exist.map(([hash, count]) => ({
      [hashTypeOf(hash.length)?.field ?? 'hash']: [hash.toUpperCase(), count],
    })),
  });
}
