import { createRoute, OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import {
  answerOfFetch,
  entityTag,
  fetchRequest,
  jsonAnswer,
  methodNotAllowed,
  namesTag,
  problemAnswer,
  type WebAnswer,
  type WebRequest,
} from '../../engines/web/index.ts';
import { PROBLEM_TYPE } from '../../protocols/problem/index.ts';
import { callerOf } from './conditions.ts';
import type { ApiEngines } from './context.ts';
import { errorAnswer } from './control.ts';
import { crossSiteAnswer } from './cross-site.ts';
import { docsPage } from './docs-page.ts';
import type { LiveStreams } from './live.ts';
import { MANAGEMENT_ROUTES } from './management-routes.ts';
import { openApiDocument, routeConfig } from './openapi.ts';
import { Reply } from './reply.ts';
import type { ManagementRoute, RouteInput } from './route.ts';
import type { SessionAccess } from './session-access.ts';

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
export function createManagement(engines: ApiEngines, { access, live }: ManagementParts): Management {
  const streamed = new WeakMap<WebRequest, WebAnswer>();
  const app = new OpenAPIHono<Env>({
    defaultHook: (result) => (result.success ? undefined : invalid(result.error.issues)),
  });
  app.onError((error) => responseOf(failure(error)));
  for (const route of MANAGEMENT_ROUTES) register(app, route, { engines, access, live, streamed });
  const openapi = openApiDocument(engines.version);
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
      if (!isPlain(path)) return PATH_UNREADABLE;
      const foreign = foreignWrite(request);
      if (foreign !== undefined) return foreign;
      // The framework would answer HEAD without a body, and nobody would know its length.
      const asked = method === 'HEAD' ? { ...request, method: 'GET' } : request;
      const response = await app.fetch(fetchRequest(asked), { request });
      // A stream is ours to write: the framework has only said who may.
      return streamed.get(request) ?? withCode(await answerOfFetch(response));
    },
    routeOf: (path) => known.find(({ pattern }) => pattern.test(path))?.path,
  };
}

export interface ManagementParts {
  readonly access: SessionAccess;
  readonly live: LiveStreams;
}

interface RegisterOptions extends ManagementParts {
  readonly engines: ApiEngines;
  readonly streamed: WeakMap<WebRequest, WebAnswer>;
}

function register(
  app: OpenAPIHono<Env>,
  route: ManagementRoute,
  { engines, access, live, streamed }: RegisterOptions,
): void {
  const { scopes } = route;
  const config: RouteConfig = createRoute({
    ...routeConfig(route),
    // Who may is asked before what was sent is looked at.
    middleware: async (context, next) => {
      const { request } = context.env as Env['Bindings'];
      if (scopes === 'anyone') return next();
      const who = await access.authorize(request, scopes);
      if ('answer' in who) return responseOf(who.answer);
      context.set('user' as never, who.user as never);
      return next();
    },
  });
  app.openapi(config, async (context) => {
    // Set by the middleware above; the framework types variables per application, not per route.
    const name = String(context.get('user' as never));
    const { request } = context.env;
    const session = access.sessionOf(request)?.id;
    const valid = (target: 'query' | 'param' | 'json'): unknown => context.req.valid(target as never);
    const given = {
      query: route.query === undefined ? undefined : valid('query'),
      params: route.params === undefined ? undefined : valid('param'),
      body: route.body === undefined ? undefined : valid('json'),
    };
    const caller = callerOf(request, route, { name, session, params: given.params });
    if ('answer' in caller) return responseOf(caller.answer);
    const still = async (): Promise<boolean> =>
      session !== undefined || scopes === 'anyone' || 'user' in (await access.authorize(request, scopes));
    const answer = await respond(engines, route, {
      ...given,
      user: caller.user,
      request,
      live: (poll) => live.open({ request, session, still, poll }),
    });
    if (answer.stream === undefined) return responseOf(answer);
    streamed.set(request, answer);
    return new Response(null);
  });
}

async function respond(engines: ApiEngines, route: ManagementRoute, input: RouteInput): Promise<WebAnswer> {
  const result = await route.run(engines, input);
  const { document, fields, answer } = result instanceof Reply ? result : new Reply(result);
  if (answer !== undefined) return answer;
  if (route.success.status === 204) return { status: 204, fields };
  if (route.method !== 'get' || route.entity === undefined)
    return { ...jsonAnswer(document, route.success.status), fields };
  const tag = entityTag(document, route.entity(input.params).omit);
  // RFC 9110 §13.1.2: whoever has it already need not get it again.
  const isKnown = namesTag(input.request.field('if-none-match') ?? '', tag);
  const tagged = [...fields, ['ETag', tag], ['Cache-Control', 'no-cache']] as const;
  return isKnown ? { status: 304, fields: tagged } : { ...jsonAnswer(document), fields: tagged };
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

/**
 * The framework reads a path as WHATWG URLs are read: `..`, `%2e` and backslashes lead elsewhere. What two readers
 * could take for two things is not for us.
 */
function isPlain(path: string): boolean {
  return new URL(path, 'https://gateway').pathname === path;
}

const PATH_UNREADABLE = problemAnswer({
  status: 400,
  code: 'path-unreadable',
  title: 'The path can be read in more than one way',
  detail: 'It has a segment of dots, a backslash or a sign that has to be percent-encoded.',
});

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
  const headers = new Headers();
  // Fields of one name stay several: two cookies are not one.
  for (const [name, value] of fields) headers.append(name, value);
  if (type !== undefined) headers.set('Content-Type', type);
  const isEmpty = status === 204 || status === 304;
  return new Response(isEmpty ? null : typeof body === 'string' ? body : Buffer.from(body), {
    status,
    headers,
  });
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
