import { createRoute, OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import {
  answerOfFetch,
  type Authorizer,
  fetchRequest,
  jsonAnswer,
  methodNotAllowed,
  problemAnswer,
  type WebAnswer,
  type WebRequest,
} from '../../engines/web/index.ts';
import { PROBLEM_TYPE } from '../../protocols/problem/index.ts';
import type { ApiEngines } from './context.ts';
import { errorAnswer } from './control.ts';
import { crossSiteAnswer } from './cross-site.ts';
import { docsPage } from './docs-page.ts';
import { problems, QUICK_DOCUMENTATION, SECURITY, SECURITY_SCHEMES } from './documentation.ts';
import { EXPORT_DOCUMENTATION } from './documentation-exports.ts';
import { FILE_DOCUMENTATION } from './documentation-files.ts';
import { REPUTATION_DOCUMENTATION } from './documentation-reputation.ts';
import { MANAGEMENT_ROUTES, type ManagementRoute } from './management-routes.ts';

/** Everything below `/api` that no quick route answers. */
export interface Management {
  answer(request: WebRequest): Promise<WebAnswer>;
  /** Path of the documentation that a request belongs to; for metrics. */
  routeOf(path: string): string | undefined;
}

interface Env {
  readonly Bindings: { readonly request: WebRequest };
}

/** The framework and its schemas are loaded when this module is: at the first request that needs them. */
export function createManagement(engines: ApiEngines, authorize: Authorizer): Management {
  const app = new OpenAPIHono<Env>({
    defaultHook: (result) => (result.success ? undefined : invalid(result.error.issues)),
  });
  app.onError((error) => responseOf(failure(error)));
  for (const route of MANAGEMENT_ROUTES) register(app, route, { engines, authorize });
  const documented = [
    ...QUICK_DOCUMENTATION,
    ...REPUTATION_DOCUMENTATION,
    ...EXPORT_DOCUMENTATION,
    ...FILE_DOCUMENTATION,
  ];
  for (const route of documented) {
    app.openAPIRegistry.registerPath(route);
  }
  for (const [name, scheme] of Object.entries(SECURITY_SCHEMES)) {
    app.openAPIRegistry.registerComponent('securitySchemes', name, scheme);
  }
  const openapi = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Sallyport API',
      version: engines.version,
      description: 'Queries and management of the service gateway. Errors are RFC 9457 problem documents.',
    },
  });
  const openapiAnswer = jsonAnswer(openapi);
  const docs = docsPage(openapi);
  const known = patterns([...MANAGEMENT_ROUTES, ...OWN_PATHS]);

  return {
    async answer(request) {
      const { path, method } = request;
      const methods = known.filter(({ pattern }) => pattern.test(path)).map((route) => route.method);
      if (methods.length === 0) return notFound(path);
      if (!methods.includes(method === 'HEAD' ? 'GET' : method)) return methodNotAllowed(method, methods);
      if (path === '/api/openapi.json') return openapiAnswer;
      if (path === '/api/docs') return docs;
      const foreign = foreignWrite(request);
      if (foreign !== undefined) return foreign;
      // The framework would answer HEAD without a body, and nobody would know its length.
      const asked = method === 'HEAD' ? { ...request, method: 'GET' } : request;
      return withCode(await answerOfFetch(await app.fetch(fetchRequest(asked), { request })));
    },
    routeOf: (path) => known.find(({ pattern }) => pattern.test(path))?.path,
  };
}

interface RegisterOptions {
  readonly engines: ApiEngines;
  readonly authorize: Authorizer;
}

function register(
  app: OpenAPIHono<Env>,
  route: ManagementRoute,
  { engines, authorize }: RegisterOptions,
): void {
  const config: RouteConfig = createRoute({
    method: route.method,
    path: route.path,
    summary: route.summary,
    security: SECURITY,
    description: `Scope: ${route.scopes.join(' or ')}`,
    request: {
      ...(route.query === undefined ? {} : { query: route.query }),
      ...(route.params === undefined ? {} : { params: route.params }),
      ...(route.body === undefined
        ? {}
        : { body: { required: true, content: { 'application/json': { schema: route.body } } } }),
    },
    responses: {
      [route.success.status]: {
        description: 'Done',
        ...(route.success.schema === undefined
          ? {}
          : { content: { 'application/json': { schema: route.success.schema } } }),
      },
      ...problems(400, 401, 403, 503),
    },
    // Who may is asked before what was sent is looked at.
    middleware: async (context, next) => {
      const { request } = context.env as Env['Bindings'];
      const who = await authorize(request, route.scopes);
      if ('answer' in who) return responseOf(who.answer);
      context.set('user' as never, who.user as never);
      return next();
    },
  });
  app.openapi(config, async (context) => {
    // Set by the middleware above; the framework types variables per application, not per route.
    const user = String(context.get('user' as never));
    const valid = (target: 'query' | 'param' | 'json'): unknown => context.req.valid(target as never);
    const document = await route.run(engines, {
      user,
      query: route.query === undefined ? undefined : valid('query'),
      params: route.params === undefined ? undefined : valid('param'),
      body: route.body === undefined ? undefined : valid('json'),
    });
    return route.success.status === 204
      ? new Response(null, { status: 204 })
      : responseOf(jsonAnswer(document, route.success.status));
  });
}

/**
 * A page of another site can make a browser send the password that it knows. So a write must be JSON, which a
 * foreign page may not send without our consent (and we give none), and must not say that it is cross-site.
 */
function foreignWrite(request: WebRequest): WebAnswer | undefined {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  const foreign = crossSiteAnswer(request);
  if (foreign !== undefined) return foreign;
  const type = request.field('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (request.method === 'DELETE' || type === 'application/json') return undefined;
  return problemAnswer({
    status: 415,
    code: 'json-required',
    title: 'The body must be JSON',
    detail: 'The Content-Type is not application/json.',
  });
}

function failure(error: Error): WebAnswer {
  if (!(error instanceof HTTPException)) return errorAnswer(error);
  return problemAnswer({
    status: error.status,
    code: error.status === 400 ? 'json-malformed' : 'request-refused',
    title: 'The request cannot be read',
    detail: error.status === 400 ? 'The body is no JSON document.' : 'The framework refused it.',
  });
}

/** The framework passes responses on, and the code of a problem with them only in its body. */
function withCode(answer: WebAnswer): WebAnswer {
  if (answer.type !== PROBLEM_TYPE || answer.body === undefined) return answer;
  const problem: unknown = JSON.parse(Buffer.from(answer.body).toString());
  const code =
    typeof problem === 'object' && problem !== null && 'code' in problem ? problem.code : undefined;
  return typeof code === 'string' ? { ...answer, code } : answer;
}

function invalid(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): Response {
  const found = issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
  const first = found[0];
  return responseOf(
    problemAnswer({
      status: 400,
      code: 'invalid-input',
      title: 'The request has wrong values',
      detail: first === undefined ? 'See problems.' : `${first.path}: ${first.message}`,
      more: { problems: found },
    }),
  );
}

function notFound(path: string): WebAnswer {
  return problemAnswer({
    status: 404,
    code: 'not-found',
    title: 'There is nothing here',
    detail: `No path of the API is ${path.slice(0, 200)}.`,
    hint: 'See /api/docs for what there is.',
  });
}

function responseOf({ status, type, body = '', fields = [] }: WebAnswer): Response {
  const headers = new Headers(fields.map(([name, value]): [string, string] => [name, value]));
  if (type !== undefined) headers.set('Content-Type', type);
  return new Response(typeof body === 'string' ? body : Buffer.from(body), { status, headers });
}

interface KnownPath {
  readonly path: string;
  readonly method: string;
  readonly pattern: RegExp;
}

function patterns(
  routes: readonly { readonly path: string; readonly method: string }[],
): readonly KnownPath[] {
  return routes.map(({ path, method }) => ({
    path,
    method: method.toUpperCase(),
    pattern: new RegExp(`^${path.replaceAll('.', String.raw`\.`).replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));
}

const OWN_PATHS = [
  { path: '/api/openapi.json', method: 'get' },
  { path: '/api/docs', method: 'get' },
] as const;
