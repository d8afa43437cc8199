// What an edge needs of this engine: copies of what control knows. Accounts, keys and their commands stay with control.
export { parseAuthorization, type Credentials } from '../credentials.ts';
export { createIdentityReplica, type AuthResult, type IdentityReplica } from '../replica.ts';
export { ROLE_SCOPES, type Scope } from '../scopes.ts';
export { createSessionReplica, type SessionReplica } from '../session-replica.ts';
export type { SharedSession } from '../session.ts';
