import type { EdgeLinks, MaybePromise } from '../../kernel/index.ts';
import type { IdentityAdmin } from './admin.ts';
import { identityErrors } from './errors.ts';
import { isSessionEntry, type SignedIn, type SignIn } from './session-replica.ts';
import type { Account, Sessions } from './sessions.ts';

export interface ServeSessionsOptions {
  readonly links: EdgeLinks;
  readonly sessions: Sessions;
  readonly identity: Pick<IdentityAdmin, 'users' | 'verifyPassword'>;
  /** Second factor of an account whose password was right: `none` when it has none. */
  secondFactor(attempt: {
    readonly user: string;
    readonly code: string | undefined;
    readonly source: string;
  }): MaybePromise<'none' | 'right' | 'needed' | 'wrong' | 'banned'>;
  /** For audit and events. Holds no secret. */
  signedIn(who: Pick<SignIn, 'user' | 'source'>, result: 'ok' | (SignedIn & { ok: false })['reason']): void;
}

/** Answers the processes that have sessions, and publishes the topic `sessions`. Once, at the start of control. */
export async function serveSessions(options: ServeSessionsOptions): Promise<void> {
  const { links, sessions, identity } = options;
  links.handle('sessions.signIn', async (params): Promise<SignedIn> => {
    const attempt = attemptIn(params);
    const result = await signIn(attempt, options);
    options.signedIn(attempt, result.ok ? 'ok' : result.reason);
    return result;
  });
  links.handle('sessions.signOut', async (params) => {
    const id = idIn(params);
    const user = sessions.userOf(id);
    // Twice the same wish is no mistake.
    if (user !== undefined) await sessions.close(id, user, 'logout');
    return {};
  });
  links.handle('sessions.open', async (params, edge) => {
    if (!isSessionEntry(params)) throw identityErrors.IDENTITY_SESSION_ENTRY();
    const account = (await accountsOf(identity)).get(params.user);
    return sessions.open(params, { holder: edge.pid, account });
  });
  links.handle('sessions.close', async (params) => {
    const actor = typeof params === 'object' && params !== null && 'actor' in params ? params.actor : '';
    await sessions.close(idIn(params), String(actor));
    return {};
  });
  links.onPost('sessions.touch', (data) => sessions.touch(idIn(data)));
  links.onGone((edge) => void sessions.lost(edge.pid));
  await sessions.start(await accountsOf(identity));
}

export async function accountsOf(
  identity: Pick<IdentityAdmin, 'users'>,
): Promise<ReadonlyMap<string, Account>> {
  return new Map(
    (await identity.users()).map(({ name, role, passwordAtMs }) => [name, { role, passwordAtMs }]),
  );
}

async function signIn(
  { user, password, code, source }: SignIn,
  { sessions, identity, secondFactor }: ServeSessionsOptions,
): Promise<SignedIn> {
  const known = await identity.verifyPassword({ user, password, source });
  if (!known.ok) return known;
  const factor = await secondFactor({ user, code, source });
  if (factor === 'needed') return { ok: false, reason: 'code-needed' };
  if (factor === 'wrong') return { ok: false, reason: 'unknown' };
  if (factor === 'banned') return { ok: false, reason: 'banned' };
  const account = (await accountsOf(identity)).get(user);
  if (account === undefined) return { ok: false, reason: 'unknown' };
  if (account.role === 'user') return { ok: false, reason: 'role' };
  const entry = { kind: 'console', user, role: account.role, source } as const;
  const { id, secret, endsAtMs } = await sessions.openWithSecret(entry, account);
  const session = sessions.list().find((row) => row.id === id);
  // It may have been closed while the edges were told.
  if (session === undefined) return { ok: false, reason: 'unavailable' };
  return { ok: true, secret, session: { ...session, endsAtMs } };
}

function attemptIn(params: unknown): SignIn {
  if (typeof params === 'object' && params !== null) {
    const { user, password, code, source } = params as Readonly<Record<string, unknown>>;
    const isCode = code === undefined || typeof code === 'string';
    if (typeof user === 'string' && typeof password === 'string' && typeof source === 'string' && isCode) {
      return { user: user.toLowerCase(), password, code, source };
    }
  }
  throw identityErrors.IDENTITY_SESSION_ENTRY();
}

function idIn(data: unknown): string {
  return typeof data === 'object' && data !== null && 'id' in data ? String(data.id) : '';
}
