import type { Authorizer, WebAnswer, WebRequest } from '../../../engines/web/index.ts';
import type { MaybePromise } from '../../../kernel/index.ts';
import { crossSiteAnswer } from '../cross-site.ts';
import { isLoopback } from '../plain-http.ts';
import { TOKEN_NEEDS_TLS } from './problems.ts';

export type FileAccess = (
  request: WebRequest,
) => MaybePromise<{ readonly user: string | undefined } | WebAnswer>;

/**
 * Who may hand files in. With `requireToken` nobody without one, and without TLS only this machine: a 401 there would
 * ask for a secret over an open line.
 */
export function fileAccess(authorize: Authorizer, requireToken: boolean): FileAccess {
  return (request) => {
    const foreign = request.method === 'POST' ? crossSiteAnswer(request) : undefined;
    if (foreign !== undefined) return { ...foreign, close: true };
    if (!requireToken) return { user: undefined };
    if (!request.encrypted && !isLoopback(request.source)) return TOKEN_NEEDS_TLS;
    const authorized = authorize(request, SCOPES);
    const judged = (who: Awaited<typeof authorized>) =>
      'answer' in who ? { ...who.answer, close: true } : who;
    return authorized instanceof Promise ? authorized.then(judged) : judged(authorized);
  };
}

const SCOPES = ['files'];
