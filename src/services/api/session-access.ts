import { createHmac, timingSafeEqual } from 'node:crypto';
import { ROLE_SCOPES, type SessionReplica, type SharedSession } from '../../engines/identity/edge/index.ts';
import {
  type Authorizer,
  credentialsOf,
  problemAnswer,
  type WebAnswer,
  type WebRequest,
} from '../../engines/web/index.ts';

/** RFC 6265bis §4.1.3.2: `__Host-` binds it to this host, to TLS and to the whole of it. */
export const SESSION_COOKIE = '__Host-sallyport';
const SECRET = /^[\w-]{43}$/;

export interface SessionAccess {
  readonly authorize: Authorizer;
  /** The session of a request that shows no other credentials. */
  sessionOf(request: WebRequest): SharedSession | undefined;
}

export interface SessionAccessOptions {
  /** For those who show a token or a password. */
  readonly authorize: Authorizer;
  readonly sessions: Pick<SessionReplica, 'find'>;
  refused(request: WebRequest, reason: string): void;
  accepted(request: WebRequest, user: string): void;
}

/**
 * Lets in by token, password, or the cookie of a session. A request that changes something and comes with the cookie
 * must show the session's token too, which a page of another site cannot read.
 */
export function sessionAccess(options: SessionAccessOptions): SessionAccess {
  const { sessions } = options;
  const known = (request: WebRequest) => {
    const secret = sessionSecretOf(request);
    const session = secret === undefined ? undefined : sessions.find(secret);
    return secret === undefined || session === undefined ? undefined : { secret, session };
  };
  const refuse = (request: WebRequest, reason: string, answer: WebAnswer) => {
    options.refused(request, reason);
    return { answer };
  };
  return {
    sessionOf: (request) => (credentialsOf(request) === undefined ? known(request)?.session : undefined),
    authorize(request, scopes) {
      if (credentialsOf(request) !== undefined || sessionSecretOf(request) === undefined)
        return options.authorize(request, scopes);
      const shown = known(request);
      if (shown === undefined) return refuse(request, 'session-over', SESSION_OVER);
      const { secret, session } = shown;
      if (!isSafe(request.method) && !showsCsrfToken(request, secret))
        return refuse(request, 'csrf', NO_CSRF_TOKEN);
      const has = ROLE_SCOPES[session.role];
      if (!has.includes('admin') && !has.some((scope) => scopes.includes(scope)))
        return refuse(request, 'scope-missing', roleAnswer(session.role, scopes));
      options.accepted(request, session.user);
      return { user: session.user };
    },
  };
}

/** What the browser shows; `undefined`: nothing, or something that was never given out, or not over TLS. */
export function sessionSecretOf(request: WebRequest): string | undefined {
  if (!request.encrypted) return undefined;
  const cookies = request.field('cookie') ?? '';
  const own = cookies.split(';').flatMap((pair) => {
    const [name = '', value = ''] = pair.trim().split('=', 2);
    return name === SESSION_COOKIE ? [value] : [];
  });
  // Two of the same name: somebody plays, and no one can say which is meant.
  const [secret] = own;
  return own.length === 1 && secret !== undefined && SECRET.test(secret) ? secret : undefined;
}

/** Made of the secret, so that nothing more has to be kept; says nothing of it. */
export function csrfTokenOf(secret: string): string {
  return createHmac('sha256', secret).update('csrf').digest('base64url');
}

export function sessionCookie(secret: string | undefined): readonly [name: string, value: string] {
  const end = secret === undefined ? '; Max-Age=0' : '';
  return ['Set-Cookie', `${SESSION_COOKIE}=${secret ?? ''}; Path=/; Secure; HttpOnly; SameSite=Strict${end}`];
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

export function showsCsrfToken(request: WebRequest, secret: string): boolean {
  const shown = Buffer.from(request.field('x-csrf-token') ?? '');
  const expected = Buffer.from(csrfTokenOf(secret));
  return shown.length === expected.length && timingSafeEqual(shown, expected);
}

export const SESSION_OVER = problemAnswer(
  {
    status: 401,
    code: 'session-over',
    title: 'Nobody is signed in',
    detail: 'There is no session, or it is over.',
    hint: 'Sign in: POST /api/v1/session.',
  },
  { fields: [['WWW-Authenticate', 'Bearer realm="sallyport"'], sessionCookie(undefined)] },
);

export const NO_CSRF_TOKEN = problemAnswer({
  status: 403,
  code: 'csrf-token-missing',
  title: 'The request does not show the token of its session',
  detail: 'A change that comes with the cookie of a session needs the field X-CSRF-Token.',
  hint: 'The token is the member csrf of GET /api/v1/session.',
});

function roleAnswer(role: string, scopes: readonly string[]): WebAnswer {
  return problemAnswer({
    status: 403,
    code: 'scope-missing',
    title: 'Your role does not allow this',
    detail: `It takes the scope ${scopes.join(' or ')}, which the role ${role} does not have.`,
    hint: 'An admin can change it: sallyport user role NAME admin.',
    more: { scopes },
  });
}
