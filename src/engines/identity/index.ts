export {
  createIdentity,
  type IdentityAdmin,
  type IdentityOptions,
  type NewToken,
  type NewUser,
} from './admin.ts';
export type { TokenRow, UserRow } from './accounts.ts';
export { identityCommands } from './commands.ts';
export { parseAuthorization, type Credentials } from './credentials.ts';
export { identityErrors } from './errors.ts';
export { initialPasswordFile, removeInitialPassword, saveInitialPassword } from './initial-password.io.ts';
export type { Attempt, PasswordAnswer } from './logins.ts';
export {
  createIdentityReplica,
  type AuthRefusal,
  type AuthResult,
  type IdentityReplica,
  type ReplicaLimits,
  type ReplicaOptions,
} from './replica.ts';
export { allows, isScope, ROLES, SCOPES, type Role, type Scope } from './scopes.ts';
export { tokensSection, usersSection } from './sections.ts';
export type { IdentitySnapshot } from './snapshot.ts';
