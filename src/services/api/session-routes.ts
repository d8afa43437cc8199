import { z } from '@hono/zod-openapi';
import type { SharedSession } from '../../engines/identity/index.ts';
import { problemAnswer, type WebAnswer } from '../../engines/web/index.ts';
import { runCommand } from './control.ts';
import { Reply } from './reply.ts';
import type { ManagementRoute } from './route.ts';
import {
  csrfTokenOf,
  NO_CSRF_TOKEN,
  SESSION_OVER,
  sessionCookie,
  sessionSecretOf,
  showsCsrfToken,
} from './session-access.ts';

const signInBody = z
  .strictObject({
    user: z.string().min(1).max(128),
    password: z.string().min(1).max(1024),
    code: z.string().max(32).optional().describe('Of the authenticator, for accounts that have one'),
  })
  .openapi('SignIn');

const sessionSchema = z
  .object({
    user: z.string(),
    role: z.enum(['admin', 'operator', 'user']),
    csrf: z.string().describe('To send as X-CSRF-Token with every change'),
    expiresAt: z.iso.datetime().describe('Latest end; silence ends it earlier'),
  })
  .openapi('Session');

const sessionRowSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['console', 'ssh']),
    user: z.string(),
    role: z.enum(['admin', 'operator', 'user']),
    source: z.string(),
    startedAt: z.iso.datetime(),
    lastSeenAt: z.iso.datetime(),
    current: z.boolean().describe('It is the one that asks'),
  })
  .openapi('SessionRow');

const idParameter = z.object({ id: z.string().min(1).max(64) });
const setupSchema = z.object({ needed: z.boolean() }).openapi('Setup');
const nothing = z.strictObject({});

/** Signing in to the console, and who is signed in. */
export const SESSION_ROUTES: readonly ManagementRoute[] = [
  {
    method: 'post',
    path: '/api/v1/session',
    scopes: 'anyone',
    summary: 'Sign in; the answer sets the cookie of the session',
    description: '401 `login-wrong`, 401 `totp-required`: send the code too; 429 `login-banned`.',
    body: signInBody,
    success: { status: 200, schema: sessionSchema },
    async run({ sessions }, { body, request }) {
      const { user, password, code } = signInBody.parse(body);
      // Whoever had one before does not keep it: what was known of it is worth nothing now.
      const before = sessionSecretOf(request);
      const old = before === undefined ? undefined : sessions.find(before);
      const result = await sessions.signIn({ user, password, code, source: request.source });
      if (!result.ok) return new Reply(undefined, { answer: REFUSED[result.reason] });
      if (old !== undefined) await sessions.signOut(old.id);
      const fields = [sessionCookie(result.secret)];
      return new Reply(documentOf(result.session, result.secret), { fields });
    },
  },
  {
    method: 'get',
    path: '/api/v1/session',
    scopes: 'anyone',
    summary: 'Who is signed in with this cookie; 401 when nobody is',
    success: { status: 200, schema: sessionSchema },
    run({ sessions }, { request }) {
      const secret = sessionSecretOf(request);
      const session = secret === undefined ? undefined : sessions.find(secret);
      if (secret === undefined || session === undefined)
        return Promise.resolve(new Reply(undefined, { answer: SESSION_OVER }));
      return Promise.resolve(documentOf(session, secret));
    },
  },
  {
    method: 'delete',
    path: '/api/v1/session',
    scopes: 'anyone',
    summary: 'Sign out; the session is over in every process when this answers',
    success: { status: 204 },
    async run({ sessions }, { request }) {
      const secret = sessionSecretOf(request);
      const session = secret === undefined ? undefined : sessions.find(secret);
      if (secret !== undefined && session !== undefined) {
        if (!showsCsrfToken(request, secret)) return new Reply(undefined, { answer: NO_CSRF_TOKEN });
        await sessions.signOut(session.id);
      }
      return new Reply(undefined, { fields: [sessionCookie(undefined)] });
    },
  },
  {
    method: 'get',
    path: '/api/v1/sessions',
    scopes: ['read'],
    summary: 'Who is signed in to the console and over SSH',
    success: { status: 200, schema: z.array(sessionRowSchema) },
    async run({ link }, { user }) {
      const rows = await runCommand(link, 'show sessions', {}, user);
      const listed = Array.isArray(rows) ? (rows as readonly { readonly id: string }[]) : [];
      return listed.map((row) => ({ ...row, current: row.id === user.session }));
    },
  },
  {
    method: 'delete',
    path: '/api/v1/sessions/{id}',
    scopes: ['admin'],
    summary: 'End a session',
    params: idParameter,
    success: { status: 204 },
    run: ({ link }, { user, params }) =>
      runCommand(link, 'session close', { words: { ID: idParameter.parse(params).id } }, user),
  },
  {
    method: 'get',
    path: '/api/v1/setup',
    scopes: 'anyone',
    summary: 'Whether nobody has been through the first steps yet',
    success: { status: 200, schema: setupSchema },
    run: ({ link }) => link.call('setup.read', {}),
  },
  {
    method: 'post',
    path: '/api/v1/setup/done',
    scopes: ['admin'],
    summary: 'Say that the first steps are done',
    body: nothing,
    success: { status: 200, schema: setupSchema },
    run: ({ link }, { user }) => link.call('setup.done', { actor: user.name, source: user.source }),
  },
];

function documentOf({ user, role, endsAtMs = 0 }: SharedSession, secret: string) {
  return { user, role, csrf: csrfTokenOf(secret), expiresAt: new Date(endsAtMs).toISOString() };
}

/** Without a challenge of Basic: a browser would ask for the password in a window of its own. */
const ASKS = { fields: [['WWW-Authenticate', 'Bearer realm="sallyport"']] } as const;

const REFUSED: Readonly<Record<'unknown' | 'banned' | 'unavailable' | 'code-needed' | 'role', WebAnswer>> = {
  unknown: problemAnswer(
    {
      status: 401,
      code: 'login-wrong',
      title: 'User, password or code do not fit',
      detail: 'Nobody is signed in.',
    },
    ASKS,
  ),
  'code-needed': problemAnswer(
    {
      status: 401,
      code: 'totp-required',
      title: 'The account needs the code of its authenticator, too',
      detail: 'Send the same again with the member code.',
    },
    ASKS,
  ),
  banned: problemAnswer(
    {
      status: 429,
      code: 'login-banned',
      title: 'Too many wrong passwords',
      detail: 'Passwords from this address for this account are not looked at for a while.',
      hint: 'Wait. The settings are login.failuresMax and login.ban.',
    },
    { fields: [['Retry-After', '60']] },
  ),
  unavailable: problemAnswer(
    {
      status: 503,
      code: 'control-away',
      title: 'Nobody can check the password now',
      detail: 'Too many passwords are being checked, or the control process is away.',
      hint: 'Try again in a moment.',
    },
    { fields: [['Retry-After', '2']] },
  ),
  role: problemAnswer({
    status: 403,
    code: 'role-insufficient',
    title: 'This account has nothing to do here',
    detail: 'The console is for the roles admin and operator.',
    hint: 'An admin can change it: sallyport user role NAME operator.',
  }),
};
