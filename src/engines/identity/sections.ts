import { GatewayError } from '../../kernel/index.ts';
import type { JsonObject, SectionDocument, StateSection, StateTransaction } from '../state/index.ts';
import {
  deleteToken,
  deleteUser,
  hasAdmin,
  insertUser,
  readTokens,
  readUsers,
  requireAdmin,
  updateToken,
  updateUser,
} from './accounts.ts';
import { deleteKey, insertKey, keyOf, readKeys } from './authenticators.ts';
import { roleNamed, scopesNamed, tokenName, userName } from './names.ts';
import type { Scope } from './scopes.ts';

type Problem = Awaited<ReturnType<StateSection['check']>>[number];

/** Users without their passwords: `{alice: {role: operator, keys: [ssh-ed25519 AAAA…]}}`. */
export const usersSection: StateSection = {
  name: 'users',
  async read(tx) {
    const keys = await readKeys(tx);
    return Object.fromEntries(
      (await readUsers(tx)).map(({ name, role }): [string, JsonObject] => {
        const lines = keys.filter(({ user }) => user === name).map(({ line }) => line);
        return [name, lines.length === 0 ? { role } : { role, keys: lines }];
      }),
    );
  },
  check: (document) =>
    Object.entries(document).flatMap(([name, body]) => [
      ...problem(name, () => {
        if (userName(name) !== name) throw new RangeError('write it in lower case');
      }),
      ...problem(`${name}.role`, () => roleNamed(textIn(body, 'role'))),
      ...problem(`${name}.keys`, () => keysIn(body).map(keyOf)),
      ...unknownKeys(name, body, ['role', 'keys']),
    ]),
  apply: applyUsers,
};

async function applyUsers(
  tx: StateTransaction,
  document: SectionDocument,
  nowMs: number,
): Promise<readonly string[]> {
  const hadAdmin = await hasAdmin(tx);
  const now = new Map((await readUsers(tx)).map((user) => [user.name, user]));
  const notes: string[] = [];
  for (const name of now.keys()) if (!Object.hasOwn(document, name)) await deleteUser(tx, name);
  for (const [name, body] of Object.entries(document)) {
    const role = roleNamed(textIn(body, 'role'));
    const known = now.get(name);
    if (known === undefined) {
      await insertUser(tx, nowMs, { name, role, password: null });
      notes.push(
        `The user ${name} has no password yet: documents hold none. Set it with \`user passwd ${name}\`.`,
      );
    } else if (known.role !== role) await updateUser(tx, name, { role });
    await applyKeys(tx, name, keysIn(body), nowMs);
  }
  // A document may be applied before the first start, which then makes the account `admin`.
  if (hadAdmin) await requireAdmin(tx);
  return notes;
}

async function applyKeys(
  tx: StateTransaction,
  user: string,
  lines: readonly string[],
  nowMs: number,
): Promise<void> {
  const now = (await readKeys(tx)).filter((row) => row.user === user);
  for (const row of now) if (!lines.includes(row.line)) await deleteKey(tx, user, row.fingerprint);
  for (const line of lines) {
    if (!now.some((row) => row.line === line)) await insertKey(tx, user, line, nowMs);
  }
}

/** Tokens without their secrets: `{ci: {scopes: [read], expires: 2027-01-01T00:00:00.000Z}}`. */
export const tokensSection: StateSection = {
  name: 'tokens',
  async read(tx) {
    const rows = await readTokens(tx);
    return Object.fromEntries(
      rows.map(({ name, scopes, expiresAtMs }): [string, JsonObject] => [
        name,
        { scopes, expires: expiresAtMs === undefined ? null : new Date(expiresAtMs).toISOString() },
      ]),
    );
  },
  check: (document) =>
    Object.entries(document).flatMap(([name, body]) => [
      ...problem(name, () => tokenName(name)),
      ...problem(`${name}.scopes`, () => scopesIn(body)),
      ...problem(`${name}.expires`, () => expiryIn(body)),
      ...unknownKeys(name, body, ['scopes', 'expires']),
    ]),
  async apply(tx, document) {
    const now = new Map((await readTokens(tx)).map((token) => [token.name, token]));
    const notes: string[] = [];
    for (const name of now.keys()) if (!Object.hasOwn(document, name)) await deleteToken(tx, name);
    for (const [name, body] of Object.entries(document)) {
      const known = now.get(name);
      const wanted = { scopes: scopesIn(body), expiresAtMs: expiryIn(body) };
      if (known === undefined) {
        notes.push(
          `The token ${name} cannot be brought back: only its hash was kept, and that is gone. Make it anew with \`token create\`.`,
        );
      } else if (
        known.scopes.join(' ') !== wanted.scopes.join(' ') ||
        known.expiresAtMs !== wanted.expiresAtMs
      ) {
        await updateToken(tx, name, wanted);
      }
    }
    return notes;
  },
};

function textIn(body: JsonObject, key: string): string {
  const value = body[key];
  if (typeof value !== 'string') throw new RangeError('expected a text');
  return value;
}

/** Absent: none. Each once. */
function keysIn(body: JsonObject): readonly string[] {
  const value = body['keys'] ?? [];
  if (!Array.isArray(value) || !value.every((item): item is string => typeof item === 'string')) {
    throw new RangeError('expected a list of public keys');
  }
  return [...new Set(value)];
}

function scopesIn(body: JsonObject): readonly Scope[] {
  const value = body['scopes'];
  if (
    !Array.isArray(value) ||
    value.length === 0 ||
    !value.every((item): item is string => typeof item === 'string')
  ) {
    throw new RangeError('expected a list of scopes');
  }
  return scopesNamed(value);
}

function expiryIn(body: JsonObject): number | undefined {
  const value = body['expires'] ?? null;
  if (value === null) return undefined;
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) throw new RangeError('expected a time such as 2027-01-31T00:00:00Z, or nothing');
  return ms;
}

function problem(path: string, check: () => unknown): readonly Problem[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof GatewayError) && !(error instanceof RangeError)) throw error;
    return [{ path, message: error.message }];
  }
}

function unknownKeys(name: string, body: JsonObject, known: readonly string[]): readonly Problem[] {
  return Object.keys(body)
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: `${name}.${key}`, message: `unknown key; known are ${known.join(' and ')}` }));
}
