import { isRole, isScope, type Role, type Scope } from './scopes.ts';

/** The retained topic `identity`: what edges need to know of tokens and users. No password hashes. */
export interface IdentitySnapshot {
  /** Changes with every change of a user, password or token, and with every start of control. */
  readonly version: string;
  readonly tokens: readonly SnapshotToken[];
  readonly users: readonly SnapshotUser[];
}

export interface SnapshotToken {
  /** SHA-256 of the token, hexadecimal. */
  readonly hash: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Milliseconds since 1970 UTC; absent: never. */
  readonly expiresAtMs?: number;
}

export interface SnapshotUser {
  readonly name: string;
  readonly role: Role;
}

export function isIdentitySnapshot(data: unknown): data is IdentitySnapshot {
  return (
    isObject(data) &&
    typeof data['version'] === 'string' &&
    Array.isArray(data['tokens']) &&
    data['tokens'].every(isToken) &&
    Array.isArray(data['users']) &&
    data['users'].every(isUser)
  );
}

function isToken(data: unknown): data is SnapshotToken {
  if (!isObject(data)) return false;
  const { hash, name, scopes, expiresAtMs } = data;
  return (
    typeof hash === 'string' &&
    typeof name === 'string' &&
    Array.isArray(scopes) &&
    scopes.every((scope) => typeof scope === 'string' && isScope(scope)) &&
    (expiresAtMs === undefined || typeof expiresAtMs === 'number')
  );
}

function isUser(data: unknown): data is SnapshotUser {
  return (
    isObject(data) &&
    typeof data['name'] === 'string' &&
    typeof data['role'] === 'string' &&
    isRole(data['role'])
  );
}

function isObject(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null;
}
