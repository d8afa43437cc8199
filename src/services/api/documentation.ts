import { type RouteConfig, z } from '@hono/zod-openapi';
import { PROBLEM_TYPE } from '../../protocols/problem/index.ts';
import { healthSchema, lookupQuery, lookupSchema, problemSchema, readySchema } from './schemas.ts';

export const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer' },
  basic: { type: 'http', scheme: 'basic' },
  apiKey: { type: 'apiKey', in: 'header', name: 'x-apikey' },
  session: { type: 'apiKey', in: 'cookie', name: '__Host-sallyport' },
} as const;

export const SECURITY = Object.keys(SECURITY_SCHEMES).map((name) => ({ [name]: [] }));

const PROBLEM_TEXT: Readonly<Record<number, string>> = {
  400: 'Something in the request is wrong',
  401: 'No valid credentials',
  403: 'The scope is missing',
  404: 'There is no such thing',
  409: 'The state of the gateway does not allow it',
  412: 'It has been changed meanwhile',
  422: 'The Idempotency-Key came with another request',
  429: 'A limit is reached',
  408: 'It took too long',
  413: 'It is too large',
  415: 'It comes in a form that is not taken',
  503: 'A part of the gateway is away',
};

export function problems(...statuses: readonly number[]) {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: PROBLEM_TEXT[status] ?? '', content: { [PROBLEM_TYPE]: { schema: problemSchema } } },
    ]),
  );
}

const text = (type: string) => ({
  200: { description: 'The file', content: { [type]: { schema: z.string() } } },
});
const json = (schema: z.ZodType) => ({
  200: { description: 'The answer', content: { 'application/json': { schema } } },
});

/** The paths that are answered without the framework. A test compares them with the quick routes. */
export const QUICK_DOCUMENTATION: readonly RouteConfig[] = [
  { method: 'get', path: '/healthz', summary: 'The process lives', responses: json(healthSchema) },
  {
    method: 'get',
    path: '/readyz',
    summary: 'The gateway is ready for traffic; 503 with reasons when it is not',
    responses: {
      ...json(readySchema),
      503: { description: 'Not ready', content: { 'application/json': { schema: readySchema } } },
    },
  },
  {
    method: 'get',
    path: '/metrics',
    summary: 'Metrics in the text format of Prometheus',
    description: 'Scope: read',
    security: SECURITY,
    responses: { ...text('text/plain'), ...problems(401, 403, 503) },
  },
  {
    method: 'get',
    path: '/proxy.pac',
    summary: 'Proxy auto-configuration',
    responses: text('application/x-ns-proxy-autoconfig'),
  },
  {
    method: 'get',
    path: '/wpad.dat',
    summary: 'The same under the name that WPAD asks for',
    responses: text('application/x-ns-proxy-autoconfig'),
  },
  {
    method: 'get',
    path: '/ca.crt',
    summary: "Certificate of the gateway's own authority, PEM",
    responses: { ...text('application/x-x509-ca-cert'), ...problems(404) },
  },
  {
    method: 'get',
    path: '/api/v1/lookup',
    summary: 'What is known about a URL, host name, address, file or mail address',
    description: 'Anonymous, unless reputation.requireToken is set; then scope reputation or read',
    request: { query: lookupQuery },
    responses: { ...json(lookupSchema), ...problems(400, 401, 403) },
  },
];
