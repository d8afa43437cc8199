/** What a token may be used for. */
export const SCOPES = [
  'read',
  'admin',
  'reputation',
  'files',
  'proxy',
  'directory',
  'products',
  'intel',
  /** Writing to TAXII collections. */
  'intel-write',
] as const;
export type Scope = (typeof SCOPES)[number];

export const ROLES = ['admin', 'operator', 'user'] as const;
export type Role = (typeof ROLES)[number];

export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}

export function isRole(text: string): text is Role {
  return ROLES.some((role) => role === text);
}

/** What a person of a role may do: an operator sees everything and changes nothing; a user browses. */
export const ROLE_SCOPES: Readonly<Record<Role, readonly Scope[]>> = {
  admin: SCOPES,
  operator: SCOPES.filter((scope) => scope !== 'admin' && scope !== 'intel-write'),
  user: ['proxy', 'reputation', 'files'],
};

/** `admin` includes all others: who may make tokens could make one for any scope. */
export function allows(scopes: readonly Scope[], needed: Scope | undefined): boolean {
  return needed === undefined || scopes.includes(needed) || scopes.includes('admin');
}
