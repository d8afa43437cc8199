import { identityErrors } from './errors.ts';
import { isRole, isScope, SCOPES, type Role, type Scope } from './scopes.ts';

/** Account names are lower case everywhere: `Admin` and `admin` are one person. No colon (RFC 7617 §2). */
export function userName(text: string): string {
  const name = text.toLowerCase();
  if (!/^[a-z0-9][a-z0-9._@-]{0,63}$/.test(name))
    throw identityErrors.IDENTITY_NAME({ name: text.slice(0, 80), what: 'user' });
  // In the audit it stands for whoever has a shell on the machine.
  if (name === LOCAL) throw identityErrors.IDENTITY_RESERVED({ name });
  return name;
}

const LOCAL = 'local';

export function tokenName(text: string): string {
  if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(text))
    throw identityErrors.IDENTITY_NAME({ name: text.slice(0, 80), what: 'token' });
  return text;
}

export function roleNamed(text: string): Role {
  if (!isRole(text)) throw identityErrors.IDENTITY_ROLE({ role: text.slice(0, 80) });
  return text;
}

/** `read,intel`, in the order of the list of scopes, each once. */
export function scopesNamed(texts: readonly string[]): readonly Scope[] {
  const given = texts.flatMap((text) => text.split(',')).map((text) => text.trim());
  for (const scope of given)
    if (!isScope(scope)) throw identityErrors.IDENTITY_SCOPE({ scope: scope.slice(0, 80) });
  return SCOPES.filter((scope) => given.includes(scope));
}
