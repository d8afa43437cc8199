import { EXIT, defineErrors } from '../../kernel/index.ts';

export const identityErrors = defineErrors({
  IDENTITY_SNAPSHOT: { kind: 'bug', message: 'control sent an identity snapshot that cannot be read' },
  IDENTITY_SESSION_ENTRY: { kind: 'bug', message: 'an edge sent a session that cannot be read' },
  IDENTITY_SESSIONS_FULL: {
    kind: 'limit',
    message: 'there are already {max} sessions',
    hint: 'End those that nobody uses with `session close`, or raise sessions.sessionsMax',
    exit: EXIT.refused,
  },
  IDENTITY_NAME: {
    kind: 'config',
    message: '{name} is no name for a {what}',
    hint: 'Use 1 to 64 letters, digits, dots, underscores, hyphens (and @ for users); begin with a letter or digit',
  },
  IDENTITY_RESERVED: {
    kind: 'config',
    message: '{name} is no name for an account: the audit calls the command line of the machine so',
    hint: 'Choose another name',
  },
  IDENTITY_KEY: {
    kind: 'config',
    message: 'this is no public key that is taken',
    hint: 'Give the one line of a file such as ~/.ssh/id_ed25519.pub: Ed25519, ECDSA, RSA from 2048 bits, or sk- of a hardware key, without options in front',
  },
  IDENTITY_MARK: {
    kind: 'config',
    message: '{text} names no key and no certificate of SSH',
    hint: 'Give SHA256:… as `ssh-keygen -l` shows it, serial:NUMBER or id:NAME as `ssh-keygen -L` shows them, or the line of a .pub file',
  },
  IDENTITY_AUTHORITY: {
    kind: 'config',
    message: '{mark} is a certificate of one authority, and there are several',
    hint: 'Say which with --authority: one of {known}, or all',
  },
  IDENTITY_KRL: {
    kind: 'config',
    message: 'this is no revocation list of OpenSSH that can be used: {problem}',
    hint: 'Make one with `ssh-keygen -k -f revoked.krl -s user_ca.pub SPEC`; nothing of this one was taken',
  },
  IDENTITY_TOTP_SEALED: {
    kind: 'unavailable',
    message:
      'the second factor of {user} cannot be opened: it was sealed with another master.key, or changed',
    hint: 'Bring the old DATA_DIR/master.key back, or run `user totp disable {user}` and enable it anew',
  },
  IDENTITY_TOTP_CODE: {
    kind: 'refused',
    message: 'the code is not the one that the authenticator of {user} should show now',
    hint: 'Compare the clocks of telephone and gateway, and give the next code; `user totp enable {user}` shows the secret again',
    exit: EXIT.refused,
  },
  IDENTITY_TOTP_ON: {
    kind: 'refused',
    message: '{user} has a second factor already',
    hint: 'To replace it, run `user totp disable {user}` first',
    exit: EXIT.refused,
  },
  IDENTITY_TOTP_OFF: {
    kind: 'refused',
    message: '{user} has no second factor that waits for its first code',
    hint: 'Begin with `user totp enable {user}`',
    exit: EXIT.refused,
  },
  IDENTITY_MASTER_KEY: {
    kind: 'unavailable',
    message: 'the master key {file} cannot be used ({problem})',
    hint: 'Bring it back from a backup; the file must be of the user who runs sallyport, with mode 0600',
  },
  IDENTITY_HOST_KEYS: {
    kind: 'unavailable',
    message: 'the SSH host keys in {folder} cannot be used ({problem})',
    hint: 'Bring folder and master.key back from a backup. When both are lost, remove the folder: new keys are made, and every client must forget the old ones',
  },
  IDENTITY_ROLE: { kind: 'config', message: '{role} is no role', hint: 'Roles are admin, operator and user' },
  IDENTITY_SCOPE: {
    kind: 'config',
    message: '{scope} is no scope',
    hint: 'Scopes are read, admin, reputation, files, proxy, directory, products and intel',
  },
  IDENTITY_EXPIRY: {
    kind: 'config',
    message: '{text} is no length of time for a token',
    hint: 'Write a number and its unit, such as 90d or 12h; leave it out for a token without end',
  },
  IDENTITY_PASSWORD_WEAK: {
    kind: 'config',
    message: 'the password of {user} is refused: {reason}',
    hint: 'Use at least 12 characters; a sentence of several words is easier than signs',
  },
  IDENTITY_PASSWORD_NEEDED: {
    kind: 'config',
    message: 'no password was given for {user}',
    hint: 'Write it into the first line of a file and name that with --password-file',
  },
  IDENTITY_PASSWORD_FILE: {
    kind: 'config',
    message: 'the password file {file} cannot be read ({problem})',
    hint: 'It holds the password in its first line, and the user who runs sallyport must be able to read it',
  },
  IDENTITY_EXISTS: {
    kind: 'refused',
    message: 'there is already a {what} called {name}',
    hint: 'Choose another name, or remove that one first',
    exit: EXIT.refused,
  },
  IDENTITY_MISSING: {
    kind: 'refused',
    message: 'there is no {what} called {name}',
    hint: '`sallyport {what} list` shows them',
    exit: EXIT.refused,
  },
  IDENTITY_LAST_ADMIN: {
    kind: 'refused',
    message: 'this would leave the gateway without an account of role admin that has a password',
    hint: 'Make another admin account first',
    exit: EXIT.refused,
  },
  IDENTITY_FULL: {
    kind: 'limit',
    message: 'there are already {max} {what}s',
    hint: 'Remove those that nobody uses',
    exit: EXIT.refused,
  },
});
