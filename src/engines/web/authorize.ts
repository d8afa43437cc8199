import type { MaybePromise } from '../../kernel/index.ts';
import { problemAnswer, type WebAnswer } from './answer.ts';
import type { WebRequest } from './request.ts';

/** Who asks, and what they may. `engines/identity` gives such an answer. */
export type Authentication =
  | { readonly ok: true; readonly user: string; readonly scopes: ReadonlySet<string> | readonly string[] }
  | { readonly ok: false; readonly reason: string };

export interface Authenticator {
  /** `credentials` as in an Authorization field: scheme, space, value. */
  authenticate(credentials: string, source: string): MaybePromise<Authentication>;
}

export interface AuthorizerOptions {
  readonly identity: Authenticator;
  readonly realm: string;
  /** Says why somebody was refused; for logs and counters. Holds no secret. */
  refused(request: WebRequest, reason: string): void;
  /** Somebody is known and may; for logs. */
  accepted?(request: WebRequest, user: string): void;
}

export type Authorized = { readonly user: string } | { readonly answer: WebAnswer };

export type Authorizer = (request: WebRequest, scopes: readonly string[]) => MaybePromise<Authorized>;

/** The credentials of a request as one text, `x-apikey` as a bearer token; `undefined` when it has none. */
export function credentialsOf(request: WebRequest): string | undefined {
  const authorization = request.field('authorization');
  if (authorization !== undefined) return authorization;
  const key = request.field('x-apikey');
  return key === undefined ? undefined : `Bearer ${key}`;
}

/**
 * Lets in whoever has one of `scopes`; `admin` has all. Nobody known: 401 with what we take. Known, but without
 * the scope: 403 that names it.
 */
export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const { identity, realm } = options;
  const unauthenticated = (request: WebRequest, reason: string): Authorized => {
    options.refused(request, reason);
    return { answer: ELSEWHERE[reason] ?? unauthenticatedAnswer(request, realm, reason) };
  };

  const judged = (request: WebRequest, scopes: readonly string[], known: Authentication): Authorized => {
    if (!known.ok) return unauthenticated(request, known.reason);
    const has = new Set(known.scopes);
    if (has.has('admin') || scopes.some((scope) => has.has(scope))) {
      options.accepted?.(request, known.user);
      return { user: known.user };
    }
    options.refused(request, 'scope-missing');
    return { answer: scopeAnswer(scopes) };
  };

  return (request, scopes) => {
    const credentials = credentialsOf(request);
    if (credentials === undefined) return unauthenticated(request, 'no-credentials');
    const known = identity.authenticate(credentials, request.source);
    return known instanceof Promise
      ? known.then((later) => judged(request, scopes, later))
      : judged(request, scopes, known);
  };
}

/** Better credentials would not help now, so these do not ask for any. */
const ELSEWHERE: Readonly<Record<string, WebAnswer>> = {
  banned: problemAnswer(
    {
      status: 429,
      code: 'login-banned',
      title: 'Too many wrong passwords',
      detail: 'Passwords from this address or for this account are not looked at for a while.',
      hint: 'Wait, or use a token. The settings are login.failuresMax and login.ban.',
    },
    { fields: [['Retry-After', '60']] },
  ),
  unavailable: problemAnswer(
    {
      status: 503,
      code: 'control-away',
      title: 'Nobody can check the password now',
      detail: 'The control process is away. It is restarted by itself.',
      hint: 'Try again in a moment, or use a token.',
    },
    { fields: [['Retry-After', '2']] },
  ),
};

function unauthenticatedAnswer(request: WebRequest, realm: string, reason: string): WebAnswer {
  // A page has asked, not a person: the browser would open a window of its own for the password.
  const mode = request.field('sec-fetch-mode');
  const isScript = mode !== undefined && mode !== 'navigate';
  const missing = reason === 'no-credentials';
  return problemAnswer(
    {
      status: 401,
      code: missing ? 'credentials-missing' : 'credentials-refused',
      title: missing ? 'This needs a token or a password' : 'The token or password is not accepted',
      detail: missing
        ? 'The request has neither an Authorization nor an x-apikey field.'
        : `The reason is: ${reason}.`,
      hint: 'Make a token with: sallyport token create --name NAME --scope SCOPE',
      more: { reason },
    },
    {
      fields: [
        ['WWW-Authenticate', `Bearer realm="${realm}"`],
        ...(isScript ? [] : [['WWW-Authenticate', `Basic realm="${realm}", charset="UTF-8"`] as const]),
      ],
    },
  );
}

function scopeAnswer(scopes: readonly string[]): WebAnswer {
  const named = scopes.join(' or ');
  return problemAnswer({
    status: 403,
    code: 'scope-missing',
    title: 'The token does not allow this',
    detail: `It takes the scope ${named}.`,
    hint: `Make a token with: sallyport token create --name NAME --scope ${scopes[0] ?? 'admin'}`,
    more: { scopes },
  });
}
