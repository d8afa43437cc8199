import type { MaybePromise } from '../../kernel/index.ts';
import { problemAnswer, type WebAnswer } from './answer.ts';
import type { WebRequest } from './request.ts';

export type WebHandler = (request: WebRequest) => MaybePromise<WebAnswer>;

/** Handlers by exact path, then by method. A handler of GET answers HEAD too. */
export type RouteTable = ReadonlyMap<string, Readonly<Record<string, WebHandler>>>;

/** The handler, or one that says 405; `undefined` when the table does not know the path. */
export function findRoute(routes: RouteTable, { method, path }: WebRequest): WebHandler | undefined {
  const methods = routes.get(path);
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
