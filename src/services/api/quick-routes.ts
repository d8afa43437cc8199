import {
  type Authorizer,
  jsonAnswer,
  problemAnswer,
  type RouteTable,
  type WebHandler,
} from '../../engines/web/index.ts';
import type { ApiEngines } from './context.ts';
import { metricsAnswer } from './control.ts';
import { lookupAnswer } from './lookup.ts';
import { pacAnswers } from './pac-answer.ts';

/** Paths that are answered by plain functions, before any framework is asked or even loaded. */
export function quickRoutes(engines: ApiEngines, authorize: Authorizer): RouteTable {
  const pac = pacAnswers(engines);
  const lookup: WebHandler = (request) => lookupAnswer(engines, request);
  const whoMayLookUp = engines.config.reputation.requireToken ? ['reputation', 'read'] : undefined;
  return new Map<string, Readonly<Record<string, WebHandler>>>([
    ['/', { GET: () => ({ status: 308, fields: [['Location', '/api/docs']] }) }],
    ['/healthz', { GET: () => jsonAnswer({ state: 'ok', version: engines.version }) }],
    ['/readyz', { GET: () => readiness(engines.notReady()) }],
    ['/metrics', { GET: guarded(authorize, ['read'], () => metricsAnswer(engines.link)) }],
    ['/proxy.pac', { GET: pac }],
    ['/wpad.dat', { GET: pac }],
    ['/ca.crt', { GET: () => caAnswer(engines.caPem()) }],
    [
      '/api/v1/lookup',
      { GET: whoMayLookUp === undefined ? lookup : guarded(authorize, whoMayLookUp, lookup) },
    ],
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

function readiness(reasons: readonly string[]) {
  return jsonAnswer({ ready: reasons.length === 0, reasons }, reasons.length === 0 ? 200 : 503);
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
