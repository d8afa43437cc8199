import type { GatewayEvent } from '../../engines/telemetry/index.ts';
import {
  createAuthorizer,
  createWebServer,
  findRoute,
  methodNotAllowed,
  problemAnswer,
  requestIds,
  routeKeyOf,
  type WebAnswer,
  type WebRequest,
  type WebServer,
} from '../../engines/web/index.ts';
import type { Log, MaybePromise, Metrics } from '../../kernel/index.ts';
import type { ApiEngines } from './context.ts';
import { isPublicFeed } from './feeds-out/index.ts';
import { createIntake, takesFiles } from './files/index.ts';
import { LiveStreams } from './live.ts';
import type { Management } from './management.ts';
import { RequestNotes } from './notes.ts';
import { plainHttpRule } from './plain-http.ts';
import { quickRoutes } from './quick-routes.ts';
import { sessionAccess } from './session-access.ts';

/** What the API answers, without ports: bytes in, bytes out. */
export function apiSite(engines: ApiEngines, log: Log, metrics: Metrics): WebServer {
  const { config, clock } = engines;
  const live = liveStreams(engines);
  const seconds = metrics.histogram('api_request_seconds');
  const refused = (reason: string) => metrics.counter('api_refused_total', reason).add();

  const users = new WeakMap<WebRequest, string>();
  const told = {
    refused: (_request: WebRequest, reason: string) => refused(reason),
    accepted: (request: WebRequest, user: string) => void users.set(request, user),
  };
  const access = sessionAccess({
    ...told,
    sessions: engines.sessions,
    authorize: createAuthorizer({ ...told, identity: engines.identity, realm: 'sallyport' }),
  });
  const { authorize } = access;
  const notes = new RequestNotes();
  const intake = createIntake({ engines, notes, metrics });
  const routes = quickRoutes(engines, authorize, intake);
  const plainHttp = plainHttpOf(engines, log, refused);

  let management: Management | undefined;
  let loading: Promise<Management> | undefined;
  const load = async (): Promise<Management> => {
    const { createManagement } = await import('./management.ts');
    management = createManagement(engines, { access, live });
    return management;
  };

  const answer = (request: WebRequest): MaybePromise<WebAnswer> => {
    const quick = findRoute(routes, request);
    if (quick !== undefined) return quick(request);
    // CONNECT has no path and is for the proxy's port; TRACE would show credentials to scripts.
    if (!METHODS.has(request.method)) return methodNotAllowed(request.method.slice(0, 32), [...METHODS]);
    if (!request.path.startsWith('/api/')) return NOT_FOUND;
    loading ??= load();
    return loading.then((loaded) => loaded.answer(request));
  };

  const pathOf = (path: string): string => routeKeyOf(routes, path) ?? management?.routeOf(path) ?? 'other';

  const logAnswer = answerLog(engines, notes);
  const server = createWebServer({
    clock,
    limits: config.http,
    bodyBytesMax: config.api.bodyBytesMax,
    bodyBytesSetting: 'api.bodyBytesMax',
    admit: (request) => (request.encrypted ? undefined : plainHttp(request)),
    answer,
    streams: takesFiles,
    answered(request, given, tookMs, bytesOut) {
      seconds.observe(tookMs / 1000);
      metrics.counter('api_requests_total', pathOf(request.path), String(given.status)).add();
      logAnswer(request, given, { tookMs, bytesOut, user: users.get(request) });
    },
    violated: (code) => metrics.counter('api_violations_total', code).add(),
    failed: (request, error) => log.error('api.bug', { path: request.path, error }),
  });
  return {
    ...server,
    drain() {
      server.drain();
      live.drain();
    },
  };
}

function plainHttpOf(engines: ApiEngines, log: Log, refused: (reason: string) => void) {
  return plainHttpRule({
    mode: engines.config.api.plainHttp,
    httpsPort: () => engines.listenPort('https'),
    isPublic: (path) => isPublicFeed(engines, path),
    exposed(request) {
      refused('plain-http');
      log.warn('api.credentials-exposed', {
        source: request.source,
        path: request.path,
        hint: 'Replace the token or password: it has crossed the network in the open.',
      });
      engines.events.post(exposedEvent(request, engines.clock.now()));
    },
  });
}

function liveStreams({ config, sessions }: ApiEngines): LiveStreams {
  // The kernel spreads connections evenly enough over the edges.
  const streamsMax = Math.ceil(config.api.streamsMax / Math.max(1, config.edges));
  return new LiveStreams({ streamsMax }, sessions);
}

function exposedEvent(request: WebRequest, timeMs: number): GatewayEvent {
  return {
    timeMs,
    type: 'api.credentials-exposed',
    severity: 'warn',
    door: 'api',
    source: request.source,
    user: undefined,
    target: request.path,
    reason: 'plain-http',
    details: {},
  };
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

const NOT_FOUND = problemAnswer({
  status: 404,
  code: 'not-found',
  title: 'There is nothing here',
  detail: 'No door of the gateway has this path.',
  hint: 'See /api/docs for what there is.',
});

function answerLog({ accessLog, clock }: ApiEngines, notes: RequestNotes) {
  const nextId = requestIds('a', clock);
  return (
    request: WebRequest,
    answer: WebAnswer,
    {
      tookMs,
      bytesOut,
      user,
    }: { readonly tookMs: number; readonly bytesOut: number; readonly user: string | undefined },
  ): void => {
    accessLog.write({
      timeMs: clock.now() - tookMs,
      durationMs: tookMs,
      door: 'api',
      source: request.source,
      user,
      method: request.method,
      url: request.target,
      status: answer.status,
      bytesIn: request.body.length,
      bytesOut,
      upstream: undefined,
      decision: undefined,
      rule: undefined,
      reason: answer.code,
      feed: undefined,
      entry: undefined,
      error: undefined,
      tunnel: false,
      reused: false,
      connectMs: undefined,
      firstByteMs: undefined,
      id: nextId(),
      ...notes.of(request),
    });
  };
}
