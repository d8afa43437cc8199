import {
  type Authorizer,
  jsonAnswer,
  problemAnswer,
  type RouteTable,
  type WebHandler,
} from '../../engines/web/index.ts';
import { consoleRoutes } from './console/index.ts';
import type { ApiEngines } from './context.ts';
import { metricsAnswer } from './control.ts';
import { feedsOutRoutes } from './feeds-out/index.ts';
import { createUploads, fileAccess, type FileIntake, fileRoutes } from './files/index.ts';
import { hashlookupRoutes } from './hashlookup/index.ts';
import { createLookUp } from './look-up.ts';
import { lookupAnswer } from './lookup.ts';
import { pacAnswers } from './pac-answer.ts';
import { predictAnswer } from './predict/predict.ts';
import { quarantineContentRoutes } from './quarantine-content.ts';
import { taxiiRoutes } from './taxii/index.ts';
import { virusTotalRoutes } from './virustotal/index.ts';

/** Paths that are answered by plain functions, before any framework is asked or even loaded. */
export function quickRoutes(engines: ApiEngines, authorize: Authorizer, intake: FileIntake): RouteTable {
  const pac = pacAnswers(engines);
  const lookUp = createLookUp(engines);
  const { requireToken } = engines.config.reputation;
  const handsIn = fileAccess(authorize, engines.config.files.requireToken);
  const uploads = createUploads(engines, handsIn, intake);
  const reputation = (handler: WebHandler): WebHandler =>
    requireToken ? guarded(authorize, ['reputation', 'read'], handler) : handler;
  return new Map<string, Readonly<Record<string, WebHandler>>>([
    ...consoleRoutes(),
    ['/healthz', { GET: () => jsonAnswer({ state: 'ok', version: engines.version }) }],
    ['/readyz', { GET: () => readiness(engines.notReady(), engines.degraded()) }],
    ['/metrics', { GET: guarded(authorize, ['read'], () => metricsAnswer(engines.link)) }],
    ['/proxy.pac', { GET: pac }],
    ['/wpad.dat', { GET: pac }],
    ['/ca.crt', { GET: () => caAnswer(engines.caPem()) }],
    ['/api/v1/lookup', { GET: reputation((request) => lookupAnswer(engines, lookUp, request)) }],
    ['/api/v1/predict', { POST: reputation((request) => predictAnswer(engines, request)) }],
    ...hashlookupRoutes(engines, lookUp).map(
      ([path, methods]) =>
        [
          path,
          Object.fromEntries(
            Object.entries(methods).map(([method, handler]) => [method, reputation(handler)]),
          ),
        ] as const,
    ),
    ...virusTotalRoutes(engines, lookUp, authorize, uploads),
    ...fileRoutes(engines, handsIn, uploads),
    ...quarantineContentRoutes(engines, authorize),
    ...feedsOutRoutes(engines, authorize),
    ...taxiiRoutes(engines, authorize),
  ]);
}

function guarded(authorize: Authorizer, scopes: readonly string[], handler: WebHandler): WebHandler {
  return (request) => {
    const authorized = authorize(request, scopes);
    if (authorized instanceof Promise) {
      return authorized.then((who) => ('answer' in who ? who.answer : handler(request)));
    }
    return 'answer' in authorized ? authorized.answer : handler(request);
  };
}

/** Without `degraded` all is well. A feed that is old is no reason to send the clients elsewhere. */
function readiness(reasons: readonly string[], degraded: readonly string[]) {
  const ready = reasons.length === 0;
  return jsonAnswer({ ready, reasons, ...(degraded.length === 0 ? {} : { degraded }) }, ready ? 200 : 503);
}

function caAnswer(pem: string | undefined) {
  if (pem === undefined || pem === '') return NO_CA;
  return {
    status: 200,
    type: 'application/x-x509-ca-cert',
    body: pem,
    fields: [['Content-Disposition', 'attachment; filename="sallyport-ca.crt"']] as const,
  };
}

const NO_CA = problemAnswer({
  status: 404,
  code: 'no-own-authority',
  title: 'This gateway shows a certificate of somebody else',
  detail:
    'The operator has set tls.certificateFile, so there is no certificate authority of the gateway to trust.',
});
