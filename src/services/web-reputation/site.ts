import type { AccessLog } from '../../engines/telemetry/index.ts';
import type { VerdictEngine } from '../../engines/verdict/index.ts';
import type { Config } from '../../engines/config/index.ts';
import {
  type Authenticator,
  createAuthorizer,
  createWebServer,
  findRoute,
  problemAnswer,
  queryParameter,
  requestIds,
  type RouteTable,
  type WebAnswer,
  type WebRequest,
  type WebServer,
} from '../../engines/web/index.ts';
import {
  type Clock,
  type Counter,
  type Log,
  type MaybePromise,
  type MetricDeclaration,
  type Metrics,
  type Verdict,
} from '../../kernel/index.ts';
import { canonicalUrl } from '../../protocols/url/index.ts';
import { verdictJson } from './verdict-json.ts';

/** What web reputation needs from the rest of the gateway. */
export interface WebReputationEngines {
  readonly config: Config;
  readonly clock: Clock;
  readonly verdicts: Pick<VerdictEngine, 'evaluateUrl'>;
  readonly identity: Authenticator;
  readonly accessLog: AccessLog;
}

export const webReputationMetrics: readonly MetricDeclaration[] = [
  {
    name: 'web_reputation_queries_total',
    type: 'counter',
    help: 'Queries by verdict',
    labels: ['verdict'],
  },
  {
    name: 'web_reputation_requests_total',
    type: 'counter',
    help: 'Requests by status',
    labels: ['status'],
  },
  {
    name: 'web_reputation_violations_total',
    type: 'counter',
    help: 'Messages that break HTTP/1.1, by code',
    labels: ['code'],
  },
  {
    name: 'web_reputation_refused_total',
    type: 'counter',
    help: 'Requests without valid credentials, by reason',
    labels: ['reason'],
  },
];

/** Carries the verdict to the access log. */
interface VerdictAnswer extends WebAnswer {
  readonly verdict: Verdict;
}

const WELCOME = `Sallyport web reputation

  GET /v1/url?url=URL   what is known about a URL, as JSON

Try: curl -G --data-urlencode url=http://example.com/ http://this-gateway:5274/v1/url
`;

/** What this door answers, without ports: bytes in, bytes out. */
export function webReputationSite(engines: WebReputationEngines, log: Log, metrics: Metrics): WebServer {
  const { config, verdicts } = engines;
  const queries = verdictCounters(metrics);
  const counted = statusCounters(metrics);
  const authorize = createAuthorizer({
    identity: engines.identity,
    realm: 'sallyport',
    refused: (_request, reason) => metrics.counter('web_reputation_refused_total', reason).add(),
  });

  const evaluate = (request: WebRequest): WebAnswer | VerdictAnswer => {
    const text = queryParameter(request.query, 'url');
    if (text === undefined || text === '') return URL_MISSING;
    if (Buffer.byteLength(text) > config.reputation.urlBytesMax)
      return urlTooLong(config.reputation.urlBytesMax);
    const url = canonicalUrl(text, config.reputation.urlBytesMax);
    if (url === undefined) return URL_UNREADABLE;
    const verdict = verdicts.evaluateUrl(url);
    queries[verdict.verdict].add();
    return { status: 200, type: 'application/json', body: verdictJson(text, verdict), verdict };
  };

  const query = (request: WebRequest): MaybePromise<WebAnswer> => {
    if (!config.reputation.requireToken) return evaluate(request);
    const authorized = authorize(request, ['reputation', 'read']);
    if (authorized instanceof Promise) {
      return authorized.then((who) => ('answer' in who ? who.answer : evaluate(request)));
    }
    return 'answer' in authorized ? authorized.answer : evaluate(request);
  };

  const routes: RouteTable = new Map([
    ['/v1/url', { GET: query }],
    ['/', { GET: () => ({ status: 200, type: 'text/plain; charset=utf-8', body: WELCOME }) }],
  ]);

  const logAnswer = answerLog(engines);
  return createWebServer({
    clock: engines.clock,
    limits: config.http,
    bodyBytesMax: config.api.bodyBytesMax,
    bodyBytesSetting: 'api.bodyBytesMax',
    admit: () => undefined,
    answer: (request) => findRoute(routes, request)?.(request) ?? NOT_FOUND,
    answered(request, answer, tookMs) {
      counted(answer.status);
      logAnswer(request, answer, tookMs);
    },
    violated: (code) => metrics.counter('web_reputation_violations_total', code).add(),
    failed: (request, error) => log.error('web-reputation.bug', { path: request.path, error }),
  });
}

const URL_MISSING = problemAnswer({
  status: 400,
  code: 'url-missing',
  title: 'The URL is missing',
  detail: 'The query has no parameter `url`, or it is empty or not decodable.',
  hint: 'Ask for /v1/url?url= with the URL percent-encoded.',
});

const URL_UNREADABLE = problemAnswer({
  status: 400,
  code: 'url-unreadable',
  title: 'The URL cannot be looked up',
  detail: 'It has no host name or address, or its port is none.',
  hint: 'Send a whole URL, percent-encoded: http%3A%2F%2Fexample.com%2F',
});

const NOT_FOUND = problemAnswer({
  status: 404,
  code: 'not-found',
  title: 'There is nothing here',
  detail: 'This door answers GET /v1/url?url= and GET /.',
  more: { paths: ['/v1/url', '/'] },
});

function urlTooLong(bytesMax: number): WebAnswer {
  return problemAnswer({
    status: 400,
    code: 'url-too-long',
    title: 'The URL is too long',
    detail: `At most ${bytesMax} bytes are looked up.`,
    hint: 'The bound is the setting reputation.urlBytesMax.',
  });
}

function verdictCounters(metrics: Metrics): Readonly<Record<Verdict['verdict'], Counter>> {
  const counter = (verdict: Verdict['verdict']) => metrics.counter('web_reputation_queries_total', verdict);
  return {
    clean: counter('clean'),
    suspicious: counter('suspicious'),
    malicious: counter('malicious'),
    unknown: counter('unknown'),
  };
}

function statusCounters(metrics: Metrics): (status: number) => void {
  const slots = new Map<number, Counter>();
  return (status) => {
    let slot = slots.get(status);
    if (slot === undefined) {
      slot = metrics.counter('web_reputation_requests_total', String(status));
      slots.set(status, slot);
    }
    slot.add();
  };
}

function answerLog({ accessLog, clock }: WebReputationEngines) {
  const nextId = requestIds('w', clock);
  return (request: WebRequest, answer: WebAnswer | VerdictAnswer, tookMs: number): void => {
    const verdict = 'verdict' in answer ? answer.verdict : undefined;
    const match = verdict?.matches[0];
    accessLog.write({
      timeMs: clock.now() - tookMs,
      durationMs: tookMs,
      door: 'web-reputation',
      source: request.source,
      user: undefined,
      method: request.method,
      url: request.target,
      status: answer.status,
      bytesIn: request.body.length,
      bytesOut: answer.body?.length ?? 0,
      upstream: undefined,
      decision: undefined,
      rule: undefined,
      reason: verdict?.verdict ?? answer.code,
      feed: match?.feed,
      entry: match?.entry,
      error: undefined,
      tunnel: false,
      reused: false,
      connectMs: undefined,
      firstByteMs: undefined,
      id: nextId(),
    });
  };
}
