export {
  createIdentity,
  type IdentityAdmin,
  type IdentityOptions,
  type NewToken,
  type NewUser,
} from './admin.ts';
export type { TokenRow, UserRow } from './accounts.ts';
export { authenticatorCommands } from './authenticator-commands.ts';
export { createAuthenticators, type Authenticators, type KeyRow } from './authenticators.ts';
export { openHostKeys, type HostKeyRow, type HostKeys } from './host-keys.io.ts';
export { openSealing, type Sealing } from './sealing.io.ts';
export { SshLogins, type Restrictions, type SshLogin, type SshRefusal } from './ssh-login.ts';
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
export { revocationCommands } from './revocation-commands.ts';
export {
  createRevocations,
  revocationsSection,
  type RevocationRow,
  type Revocations,
} from './revocations.ts';
export { allows, isScope, ROLE_SCOPES, ROLES, SCOPES, type Role, type Scope } from './scopes.ts';
export { sessionCommands } from './session-commands.ts';
export {
  createSessionReplica,
  type SessionReplica,
  type SessionReplicaOptions,
  type SignedIn,
  type SignIn,
} from './session-replica.ts';
export { createSessionStore, type KeptSession, type SessionStore } from './session-store.ts';
export { accountsOf, serveSessions, type ServeSessionsOptions } from './session-serve.ts';
export type { SessionEntry, SessionRow, SharedSession } from './session.ts';
export { type SessionLimits, type SessionRegistry, Sessions } from './sessions.ts';
export { tokensSection, usersSection } from './sections.ts';
export type { IdentitySnapshot } from './snapshot.ts';
