import { EXIT, defineErrors } from '../../kernel/index.ts';

export const identityErrors = defineErrors({
  IDENTITY_SNAPSHOT: { kind: 'bug', message: 'control sent an identity snapshot that cannot be read' },
  IDENTITY_NAME: {
    kind: 'config',
    message: '{name} is no name for a {what}',
    hint: 'Use 1 to 64 letters, digits, dots, underscores, hyphens (and @ for users); begin with a letter or digit',
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
