import { defineErrors, EXIT } from '../../kernel/index.ts';

export const sshErrors = defineErrors({
  SSH_ENABLE_FIRST: {
    kind: 'refused',
    message: '"{words}" belongs to the admin mode, and this is the view mode',
    hint: 'type enable first',
    exit: EXIT.refused,
  },
  SSH_ENABLE_ROLE: {
    kind: 'refused',
    message: 'the role {role} may look and change nothing',
    hint: 'sign in as somebody with the role admin',
    exit: EXIT.refused,
  },
  SSH_ENABLE_WRONG: {
    kind: 'refused',
    message: 'this is not the password, and not the code, of {user}',
    hint: 'give the password that signs {user} in, or the code that the authenticator shows now',
    exit: EXIT.refused,
  },
  SSH_LINE_TOO_LONG: {
    kind: 'limit',
    message: 'the line is longer than {bytes} bytes and was not run',
    hint: 'ssh.lineBytesMax is the bound; what is that long comes over the API',
    exit: EXIT.usage,
  },
  SSH_STOPPED_WAITING: {
    kind: 'refused',
    message: 'no longer waiting for "{words}"; the gateway goes on with it',
    hint: 'show audit tells how it ended',
    exit: EXIT.incomplete,
  },
  SSH_TERMINAL_NUMBER: {
    kind: 'config',
    message: '"{value}" is no number of {what}',
    hint: 'give a whole number from 0 to 512; 0 for length means: without stopping',
    exit: EXIT.usage,
  },
  SSH_NO_PROMPT: {
    kind: 'config',
    message: '"{words}" belongs to a prompt, and there is none here',
    hint: 'run the command itself: what a script runs needs no mode',
    exit: EXIT.usage,
  },
  SSH_NOT_THE_SAME: {
    kind: 'config',
    message: 'the {name} was not the same both times',
    hint: 'run the command again',
    exit: EXIT.usage,
  },
  SSH_SCP: {
    kind: 'refused',
    message: 'files are not copied over SSH here',
    hint: 'the API takes and gives files: /api/v1',
    exit: EXIT.refused,
  },
});
