import type { MaybePromise } from '../../kernel/index.ts';
import { problemAnswer, type WebAnswer } from './answer.ts';
import type { WebRequest } from './request.ts';

export type WebHandler = (request: WebRequest) => MaybePromise<WebAnswer>;

/**
 * Handlers by path, then by method. A key that ends in `/` stands for everything below it, the root excepted;
 * it has at most `PREFIX_SEGMENTS_MAX` segments. A whole path goes before a prefix, a longer prefix before a
 * shorter one. A handler of GET answers HEAD too.
 */
export type RouteTable = ReadonlyMap<string, Readonly<Record<string, WebHandler>>>;

/** Bounds what a long path costs: a client writes it, and each prefix is looked up. */
export const PREFIX_SEGMENTS_MAX = 4;

/** The key of the table that a path belongs to; `undefined` when there is none. */
export function routeKeyOf(routes: RouteTable, path: string): string | undefined {
  if (routes.has(path)) return path;
  let found: string | undefined;
  let slash = path.indexOf('/', 1);
  for (let segments = 1; slash > 0 && segments <= PREFIX_SEGMENTS_MAX; segments++) {
    const prefix = path.slice(0, slash + 1);
    if (routes.has(prefix)) found = prefix;
    slash = path.indexOf('/', slash + 1);
  }
  return found;
}

/** The handler, or one that says 405; `undefined` when the table does not know the path. */
export function findRoute(routes: RouteTable, { method, path }: WebRequest): WebHandler | undefined {
  const key = routeKeyOf(routes, path);
  const methods = key === undefined ? undefined : routes.get(key);
  if (methods === undefined) return undefined;
  const handler = methods[method] ?? (method === 'HEAD' ? methods['GET'] : undefined);
  return handler ?? (() => methodNotAllowed(method, Object.keys(methods)));
}

/** RFC 9110 §15.5.6: 405 names what is allowed. */
export function methodNotAllowed(method: string, methods: readonly string[]): WebAnswer {
  const allowed = methods.includes('GET') ? [...methods, 'HEAD'] : methods;
  return problemAnswer(
    {
      status: 405,
      code: 'method-not-allowed',
      title: 'This path does not take the method',
      detail: `${method} is not allowed here; ${allowed.join(', ')} is.`,
    },
    { fields: [['Allow', allowed.join(', ')]] },
  );
}
