import type { StateTransaction } from '../state/index.ts';
import { identityErrors } from './errors.ts';
import type { Role, Scope } from './scopes.ts';
import { isRole, isScope } from './scopes.ts';
import type { IdentitySnapshot } from './snapshot.ts';

/** Rows of users and tokens. Everything here runs inside a transaction of the caller. */

export interface UserRow {
  readonly name: string;
  readonly role: Role;
  readonly createdAtMs: number;
  readonly passwordAtMs: number | undefined;
}

export interface TokenRow {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly expiresAtMs: number | undefined;
  readonly lastUsedAtMs: number | undefined;
}

/** Bounds of what is replicated to every edge. Larger user lists live in a directory. */
export const USERS_MAX = 5000;
export const TOKENS_MAX = 5000;

const STAMP = 'identity.stamp';

export async function readUsers(tx: StateTransaction): Promise<readonly UserRow[]> {
  const rows = await tx
    .selectFrom('users')
    .select(['name', 'role', 'created_at_ms', 'password_at_ms'])
    .orderBy('name')
    .execute();
  return rows.map((row) => ({
    name: row.name,
    // A role of a later release means the least here.
    role: isRole(row.role) ? row.role : 'user',
    createdAtMs: row.created_at_ms,
    passwordAtMs: row.password_at_ms ?? undefined,
  }));
}

export async function readTokens(tx: StateTransaction): Promise<readonly TokenRow[]> {
  const rows = await tx
    .selectFrom('tokens')
    .select(['name', 'scopes', 'created_at_ms', 'created_by', 'expires_at_ms', 'last_used_at_ms'])
    .orderBy('name')
    .execute();
  return rows.map((row) => ({
    name: row.name,
    scopes: scopesOf(row.scopes),
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
    expiresAtMs: row.expires_at_ms ?? undefined,
    lastUsedAtMs: row.last_used_at_ms ?? undefined,
  }));
}

export async function readSnapshot(tx: StateTransaction, boot: string): Promise<IdentitySnapshot> {
  const tokens = await tx.selectFrom('tokens').select(['hash', 'name', 'scopes', 'expires_at_ms']).execute();
  const users = await readUsers(tx);
  return {
    version: `${boot}.${await readStamp(tx)}`,
    tokens: tokens.map(({ hash, name, scopes, expires_at_ms: expiresAtMs }) => ({
      hash,
      name,
      scopes: scopesOf(scopes),
      ...(expiresAtMs === null ? {} : { expiresAtMs }),
    })),
    users: users.map(({ name, role }) => ({ name, role })),
  };
}

export async function insertUser(
  tx: StateTransaction,
  nowMs: number,
  user: { readonly name: string; readonly role: Role; readonly password: string | null },
): Promise<void> {
  if ((await readUsers(tx)).length >= USERS_MAX)
    throw identityErrors.IDENTITY_FULL({ what: 'user', max: USERS_MAX });
  await tx
    .insertInto('users')
    .values({ ...user, created_at_ms: nowMs, password_at_ms: user.password === null ? null : nowMs })
    .execute();
  await stamp(tx);
}

export async function deleteUser(tx: StateTransaction, name: string): Promise<void> {
  await tx.deleteFrom('users').where('name', '=', name).execute();
  await tx.deleteFrom('user_keys').where('user', '=', name).execute();
  await tx.deleteFrom('user_totp').where('user', '=', name).execute();
  await stamp(tx);
}

export async function updateUser(
  tx: StateTransaction,
  name: string,
  change: { readonly role?: Role; readonly password?: string; readonly password_at_ms?: number },
): Promise<void> {
  await tx.updateTable('users').set(change).where('name', '=', name).execute();
  await stamp(tx);
}

export async function insertToken(
  tx: StateTransaction,
  token: Omit<TokenRow, 'lastUsedAtMs'> & { readonly hash: string },
): Promise<void> {
  if ((await readTokens(tx)).length >= TOKENS_MAX) {
    throw identityErrors.IDENTITY_FULL({ what: 'token', max: TOKENS_MAX });
  }
  await tx
    .insertInto('tokens')
    .values({
      name: token.name,
      hash: token.hash,
      scopes: token.scopes.join(' '),
      created_at_ms: Math.floor(token.createdAtMs),
      created_by: token.createdBy,
      expires_at_ms: token.expiresAtMs ?? null,
      last_used_at_ms: null,
    })
    .execute();
  await stamp(tx);
}

export async function deleteToken(tx: StateTransaction, name: string): Promise<void> {
  await tx.deleteFrom('tokens').where('name', '=', name).execute();
  await stamp(tx);
}

export async function updateToken(
  tx: StateTransaction,
  name: string,
  { scopes, expiresAtMs }: Pick<TokenRow, 'scopes' | 'expiresAtMs'>,
): Promise<void> {
  await tx
    .updateTable('tokens')
    .set({ scopes: scopes.join(' '), expires_at_ms: expiresAtMs ?? null })
    .where('name', '=', name)
    .execute();
  await stamp(tx);
}

/** The gateway must stay one that somebody can sign in to. Called at the end of changes that could end that. */
export async function requireAdmin(tx: StateTransaction): Promise<void> {
  if (!(await hasAdmin(tx))) throw identityErrors.IDENTITY_LAST_ADMIN();
}

/** Whether somebody can sign in who may change things. */
export async function hasAdmin(tx: StateTransaction): Promise<boolean> {
  const admin = await tx
    .selectFrom('users')
    .select('name')
    .where('role', '=', 'admin')
    .where('password', 'is not', null)
    .executeTakeFirst();
  return admin !== undefined;
}

/** Counts changes of users, passwords and tokens: edges forget the passwords they know when it moves. */
async function stamp(tx: StateTransaction): Promise<void> {
  const value = String((await readStamp(tx)) + 1);
  await tx
    .insertInto('facts')
    .values({ name: STAMP, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}

async function readStamp(tx: StateTransaction): Promise<number> {
  const row = await tx.selectFrom('facts').select('value').where('name', '=', STAMP).executeTakeFirst();
  return Number(row?.value ?? 0);
}

function scopesOf(text: string): readonly Scope[] {
  return text.split(' ').filter(isScope);
}
