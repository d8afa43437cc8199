import type { Authorizer, WebAnswer, WebHandler, WebRequest } from '../../../engines/web/index.ts';
import type { MaybePromise } from '../../../kernel/index.ts';
import type { ApiEngines } from '../context.ts';
import type { Uploads } from '../files/index.ts';
import type { LookUp } from '../look-up.ts';
import { vtError, vtRefusal } from './errors.ts';
import { VtFiles } from './files.ts';
import { createObjects, type VtObjects } from './objects.ts';
import { VtUrls } from './urls.ts';

/** Under the first it is served on port 80, too; the second is what clients have that know only a host. */
const PREFIXES = ['/vt/api/v3/', '/api/v3/'] as const;
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

type Routes = readonly (readonly [path: string, methods: Readonly<Record<string, WebHandler>>])[];

/** The API of VirusTotal v3 over the lists of this gateway. */
export function virusTotalRoutes(
  engines: ApiEngines,
  lookUp: LookUp,
  authorize: Authorizer,
  uploads: Uploads,
): Routes {
  const files = new VtFiles(engines, uploads);
  const doors = { objects: createObjects(engines, lookUp, files), urls: new VtUrls(engines, lookUp), files };
  const { requireToken } = engines.config.reputation;
  return PREFIXES.map((prefix) => {
    const handler: WebHandler = (request) => {
      const below = request.path.slice(prefix.length);
      // It asks for a token of its own.
      if (request.method === 'POST' && below === 'files') return files.submit(request);
      const answer = () => answerOf(doors, request, below);
      // VirusTotal clients always send a key; it is looked at only where one is asked for.
      return requireToken ? guarded(authorize, request, answer) : answer();
    };
    return [prefix, Object.fromEntries(METHODS.map((method) => [method, handler]))] as const;
  });
}

interface Doors {
  readonly objects: VtObjects;
  readonly urls: VtUrls;
  readonly files: VtFiles;
}

function answerOf(doors: Doors, request: WebRequest, below: string): MaybePromise<WebAnswer> {
  const [collection = '', id = '', ...more] = below.split('/', 4);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead) return writeOf(doors, request, below);
  const read = READS[collection];
  return read === undefined || id === '' || more.length > 0 ? NO_SUCH_RESOURCE : read(doors, id, request);
}

type Read = (doors: Doors, id: string, request: WebRequest) => MaybePromise<WebAnswer>;

const READS: Partial<Record<string, Read>> = {
  files: ({ objects, files }, id, request) =>
    id === 'upload_url' ? files.uploadUrl(request) : objects.file(id, request),
  domains: ({ objects }, id, request) => objects.domain(id, request),
  ip_addresses: ({ objects }, id, request) => objects.address(id, request),
  urls: ({ urls }, id, request) => urls.url(id, request),
  analyses: async ({ urls, files }, id, request) =>
    (await files.analysis(id, request)) ?? urls.analysis(id, request),
};

function writeOf({ urls }: Doors, request: WebRequest, below: string): MaybePromise<WebAnswer> {
  if (request.method === 'POST' && below === 'urls') return urls.submit(request);
  return NO_SUCH_RESOURCE;
}

function guarded(
  authorize: Authorizer,
  request: WebRequest,
  answer: () => MaybePromise<WebAnswer>,
): MaybePromise<WebAnswer> {
  const authorized = authorize(request, ['reputation', 'read']);
  if (authorized instanceof Promise) {
    return authorized.then((who) => ('answer' in who ? vtRefusal(who.answer) : answer()));
  }
  return 'answer' in authorized ? vtRefusal(authorized.answer) : answer();
}

const NO_SUCH_RESOURCE = vtError('NotFoundError', 'Resource not found.');
