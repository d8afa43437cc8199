import { createAuthorizer, createWebServer, findRoute, problemAnswer } from '../../engines/web/index.ts';
import type { RouteTable, WebAnswer, WebHandler, WebRequest, WebServer } from '../../engines/web/index.ts';
import type { Log, MaybePromise, Metrics } from '../../kernel/index.ts';
import type { Audience } from '../../engines/safe-browsing/index.ts';
import { type Admitted, createAdmission } from './access.ts';
import { bulkAnswer } from './bulk.ts';
import { statusCounters, verdictCounters, type WebReputationEngines } from './context.ts';
import { googleRefusal } from './google.ts';
import { createInspect } from './inspect.ts';
import { answerLog } from './log.ts';
import { createQueries } from './queries.ts';
import { createV4 } from './v4.ts';
import { createV5 } from './v5.ts';

const WELCOME = `Sallyport web reputation

  GET  /v1/url?url=URL              what is known about a URL, as JSON; detail=true: with notes and references
  GET  /v1/categories?url=URL       the categories that lists have for it
  POST /v1/urls[?prediction=true]   one URL a line in, one answer a line out; with what models say, if asked for
  POST /v1/inspect                  a page that is handed in: {"url": URL, "html": TEXT}; without html the gateway
                                    fetches it, where inspection.fetch lets whoever asks
  POST /v4/threatMatches:find       Safe Browsing, version 4; also /v4/threatListUpdates:fetch,
                                    /v4/fullHashes:find and GET /v4/threatLists
  GET  /v5/hashes:search            Safe Browsing, version 5; also /v5/hashLists, /v5/hashLists:batchGet,
                                    /v5/hashList/NAME and /v5/urls:search

Try: curl -G --data-urlencode url=http://example.com/ http://this-gateway:5274/v1/url
`;

const BULK = '/v1/urls';

/** What this door answers, without ports: bytes in, bytes out. */
export function webReputationSite(engines: WebReputationEngines, log: Log, metrics: Metrics): WebServer {
  const { config } = engines;
  const routes = routesOf(engines, metrics);
  const counted = statusCounters(metrics);
  const logAnswer = answerLog(engines);
  return createWebServer({
    clock: engines.clock,
    limits: config.http,
    bodyBytesMax: config.api.bodyBytesMax,
    bodyBytesSetting: 'api.bodyBytesMax',
    admit: () => undefined,
    streams: ({ method, path }) => method === 'POST' && path === BULK,
    answer: (request) => findRoute(routes, withColon(request))?.(request) ?? NOT_FOUND,
    answered(request, answer, tookMs, bytesOut) {
      counted(answer.status);
      logAnswer(request, answer, tookMs, bytesOut);
    },
    violated: (code) => metrics.counter('web_reputation_violations_total', code).add(),
    failed: (request, error) => log.error('web-reputation.bug', { path: request.path, error }),
  });
}

function routesOf(engines: WebReputationEngines, metrics: Metrics): RouteTable {
  const authorize = createAuthorizer({
    identity: engines.identity,
    realm: 'sallyport',
    refused: (_request, reason) => metrics.counter('web_reputation_refused_total', reason).add(),
  });
  const admission = createAdmission(engines.config, authorize);
  const count = verdictCounters(metrics);
  const queries = createQueries(engines, count);
  const bulk = bulkAnswer(engines, count);
  const inspect = createInspect(engines, count, (request) => authorize(request, ['reputation']));
  const v4 = createV4(engines);
  const v5 = createV5(engines);

  type Work = (request: WebRequest, audience: Audience) => MaybePromise<WebAnswer>;
  const gated =
    (admit: (request: WebRequest) => MaybePromise<Admitted>, work: Work, refusal = ownRefusal): WebHandler =>
    (request) => {
      const go = (admitted: Admitted): MaybePromise<WebAnswer> =>
        'answer' in admitted ? refusal(admitted.answer) : work(request, admitted.audience);
      const admitted = admit(request);
      return admitted instanceof Promise ? admitted.then(go) : go(admitted);
    };
  const google = (work: Work): WebHandler => gated(admission.offered, work, googleRefusal);
  // Firefox asks by GET and says that it means POST.
  const both = (work: Work) => ({ GET: google(work), POST: google(work) });
  // Parameters that are too long for a target may come as a form, as all APIs of Google take them.
  const formToo = (work: Work) => ({
    GET: google(work),
    POST: google((request, audience) => work(withForm(request), audience)),
  });

  return new Map<string, Readonly<Record<string, WebHandler>>>([
    ['/v1/url', { GET: gated(detailAdmission(admission), queries.url) }],
    ['/v1/categories', { GET: gated(admission.required, queries.categories) }],
    [BULK, { POST: gated(admission.required, bulk) }],
    ['/v1/inspect', { POST: gated(admission.required, inspect) }],
    ['/v4/threatListUpdates:fetch', both(v4.updates)],
    ['/v4/fullHashes:find', both(v4.fullHashes)],
    ['/v4/threatMatches:find', both(v4.matches)],
    ['/v4/threatLists', { GET: google(v4.lists) }],
    ['/v4/encodedUpdates/', { GET: google(v4.updates) }],
    ['/v4/encodedFullHashes/', { GET: google(v4.fullHashes) }],
    ['/v5/hashLists', { GET: google(v5.lists) }],
    ['/v5/hashLists:batchGet', formToo(v5.batchGet)],
    ['/v5/hashList/', { GET: google(v5.list) }],
    ['/v5/hashes:search', formToo(v5.hashes)],
    ['/v5/urls:search', formToo(v5.urls)],
    ['/', { GET: () => ({ status: 200, type: 'text/plain; charset=utf-8', body: WELCOME }) }],
  ]);
}

/** Only details are worth a look at a token that nobody has asked for. */
function detailAdmission({ required, offered }: ReturnType<typeof createAdmission>) {
  return (request: WebRequest) => (request.query.includes('detail=') ? offered(request) : required(request));
}

/** Some clients escape the colon of a custom method. */
function withColon(request: WebRequest): WebRequest {
  return request.path.includes('%3') ? { ...request, path: request.path.replace(/%3a/gi, ':') } : request;
}

function withForm(request: WebRequest): WebRequest {
  const type = request.field('content-type') ?? '';
  if (!type.startsWith('application/x-www-form-urlencoded')) return request;
  const { query, body } = request;
  const form = Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1');
  return { ...request, query: query === '' ? form : `${query}&${form}` };
}

function ownRefusal(answer: WebAnswer): WebAnswer {
  return answer;
}

const NOT_FOUND = problemAnswer({
  status: 404,
  code: 'not-found',
  title: 'There is nothing here',
  detail: 'This door answers URL queries and Safe Browsing, versions 4 and 5; GET / lists the paths.',
});
