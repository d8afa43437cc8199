import type { Authorizer, WebAnswer, WebHandler, WebRequest } from '../../../engines/web/index.ts';
import { methodNotAllowed } from '../../../engines/web/index.ts';
import { acceptRefusal, contentTypeRefusal } from '../../../protocols/taxii/index.ts';
import type { ApiEngines } from '../context.ts';
import { asTaxiiError, notFound, refusalAnswer, taxiiAnswer } from './answers.ts';
import { type Collection, collectionsOf, findCollection } from './collections.ts';
import { addAnswer, bodyBytesMax, deleteAnswer, type Endpoint, pageAnswer, statusAnswer } from './objects.ts';

type Engines = Pick<ApiEngines, 'exports' | 'config' | 'link'>;

const READ_SCOPES = ['intel', 'intel-write'];
const WRITE_SCOPES = ['intel-write'];
const API_ROOT = '/taxii2/root/';

/** `/taxii2/`: the TAXII 2.1 server. Every answer, refusals included, is a resource of TAXII. */
export function taxiiRoutes(
  engines: Engines,
  authorize: Authorizer,
): readonly (readonly [string, Readonly<Record<string, WebHandler>>])[] {
  const handler: WebHandler = async (request) => {
    const isWrite = request.method === 'POST' || request.method === 'DELETE';
    const who = await authorize(request, isWrite ? WRITE_SCOPES : READ_SCOPES);
    if ('answer' in who) return asTaxiiError(who.answer);
    const refusal = acceptRefusal(request.field('accept'));
    if (refusal !== undefined) return refusalAnswer(refusal);
    return asTaxiiError(await routed(engines, request, who.user));
  };
  const methods = { GET: handler, POST: handler, DELETE: handler };
  return [
    ['/taxii2', methods],
    ['/taxii2/', methods],
  ];
}

async function routed(engines: Engines, request: WebRequest, by: string): Promise<WebAnswer> {
  const steps = stepsOf(request.path);
  if (steps === undefined) return notFound('There is nothing here');
  const [root, place, id, below, objectId, versions, ...more] = steps;
  if (more.length > 0 || (root !== undefined && root !== 'root')) return notFound('There is nothing here');
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (place !== 'collections' || id === undefined || below === undefined) {
    if (!isRead) return methodNotAllowed(request.method, ['GET']);
    return resourceAnswer(engines, root, place, id, below);
  }
  const collection = findCollection(engines, id, true);
  if (collection === undefined) return notFound('There is no such collection');
  const endpoint = endpointOf(below, objectId, versions);
  if (endpoint === undefined) return notFound('There is nothing here');
  if (!isRead) return writeAnswer(engines, collection, { request, endpoint, objectId, by });
  return pageAnswer(engines, collection, {
    request,
    endpoint,
    ...(objectId === undefined ? {} : { objectId }),
  });
}

/** Discovery, API root, collections, one collection, a status. */
function resourceAnswer(
  engines: Engines,
  ...[root, place, id, below]: readonly (string | undefined)[]
): WebAnswer | Promise<WebAnswer> {
  const { title } = engines.config.taxii;
  if (root === undefined) return taxiiAnswer({ title, default: API_ROOT, api_roots: [API_ROOT] });
  if (place === undefined) {
    return taxiiAnswer({
      title,
      versions: ['application/taxii+json;version=2.1'],
      max_content_length: bodyBytesMax(engines),
    });
  }
  if (below !== undefined) return notFound('There is nothing here');
  if (place === 'status' && id !== undefined) return statusAnswer(engines, id);
  if (place !== 'collections') return notFound('There is nothing here');
  if (id === undefined) {
    const collections = collectionsOf(engines, true).map(({ resource }) => resource);
    return taxiiAnswer({ collections });
  }
  const found = findCollection(engines, id, true);
  return found === undefined ? notFound('There is no such collection') : taxiiAnswer(found.resource);
}

function writeAnswer(
  engines: Engines,
  collection: Collection,
  asked: {
    readonly request: WebRequest;
    readonly endpoint: Endpoint;
    readonly objectId: string | undefined;
    readonly by: string;
  },
): WebAnswer | Promise<WebAnswer> {
  const { request, endpoint, objectId, by } = asked;
  const allowed =
    endpoint === 'objects' ? ['GET', 'POST'] : endpoint === 'object' ? ['GET', 'DELETE'] : ['GET'];
  if (!allowed.includes(request.method)) return methodNotAllowed(request.method, allowed);
  if (collection.kind !== 'written') {
    return refusalAnswer({
      status: 403,
      code: 'TAXII_FORBIDDEN',
      title: 'Read only',
      description: 'The collection is made from lists of the gateway: see can_write',
    });
  }
  if (request.method === 'DELETE')
    return deleteAnswer(engines, collection.name, { request, objectId: objectId ?? '', by });
  const refusal = contentTypeRefusal(request.field('content-type'));
  return refusal === undefined
    ? addAnswer(engines, collection.name, { request, by })
    : refusalAnswer(refusal);
}

function endpointOf(
  below: string,
  objectId: string | undefined,
  versions: string | undefined,
): Endpoint | undefined {
  if (below === 'manifest') return objectId === undefined ? 'manifest' : undefined;
  if (below !== 'objects') return undefined;
  if (objectId === undefined) return 'objects';
  if (versions === undefined) return 'object';
  return versions === 'versions' ? 'versions' : undefined;
}

/** Every address of TAXII ends in a slash (§1.6.9); one that has lost it is understood. */
function stepsOf(path: string): readonly string[] | undefined {
  const bare = path.slice('/taxii2'.length).replace(/^\//, '').replace(/\/$/, '');
  if (bare === '') return [];
  try {
    return bare.split('/').map(decodeURIComponent);
  } catch {
    // A lone `%` is the only thing that decodeURIComponent throws for.
    return undefined;
  }
}
