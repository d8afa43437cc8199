import { defineErrors, EXIT } from '../../kernel/index.ts';

export const CLI_ERROR_TABLE = {
  CLI_UNKNOWN_COMMAND: {
    kind: 'config',
    message: 'unknown command "{words}"',
    hint: '{suggestion}',
    exit: EXIT.usage,
  },
  CLI_COMMAND_INCOMPLETE: {
    kind: 'config',
    message: '"{words}" needs one more word',
    hint: 'one of: {choices}. See {help}',
    exit: EXIT.usage,
  },
  CLI_COMMAND_AMBIGUOUS: {
    kind: 'config',
    message: '"{words}" begins several commands',
    hint: 'one of: {choices}',
    exit: EXIT.usage,
  },
  CLI_UNKNOWN_OPTION: {
    kind: 'config',
    message: 'unknown option "{option}"',
    hint: '{suggestion}',
    exit: EXIT.usage,
  },
  CLI_OPTION_VALUE_MISSING: {
    kind: 'config',
    message: 'option --{option} needs a value',
    hint: 'write --{option} {value}',
    exit: EXIT.usage,
  },
  CLI_OPTION_IS_FLAG: {
    kind: 'config',
    message: 'option --{option} takes no value',
    hint: 'write --{option}',
    exit: EXIT.usage,
  },
  CLI_OPTION_REPEATED: {
    kind: 'config',
    message: 'option --{option} is given more than once',
    hint: 'keep one of them',
    exit: EXIT.usage,
  },
  CLI_BAD_CHOICE: {
    kind: 'config',
    message: '"{value}" is no value of {name}',
    hint: 'one of: {choices}',
    exit: EXIT.usage,
  },
  CLI_ARGUMENT_MISSING: {
    kind: 'config',
    message: 'argument {name} is missing',
    hint: 'usage: {usage}{example}',
    exit: EXIT.usage,
  },
  CLI_ARGUMENT_UNEXPECTED: {
    kind: 'config',
    message: 'unexpected argument "{value}"',
    hint: 'usage: {usage}',
    exit: EXIT.usage,
  },
  CLI_SHELL_SYNTAX: {
    kind: 'config',
    message: '"{sign}" has no meaning here: there is no shell, and one line is one command',
    hint: 'give the command alone, with --json where a program reads the answer; put text that holds such signs in quotes',
    exit: EXIT.usage,
  },
  CLI_QUOTE_OPEN: {
    kind: 'config',
    message: 'a quote {quote} is opened and not closed',
    hint: 'close it, or write the text without quotes',
    exit: EXIT.usage,
  },
  CLI_CONTROL_CHARACTER: {
    kind: 'config',
    message: 'the line holds control characters',
    hint: 'one line is one command; a line end in the middle does not begin another',
    exit: EXIT.usage,
  },
  CLI_SHELL_ONLY: {
    kind: 'refused',
    message: '"{words}" belongs to the prompt of an SSH session',
    hint: 'on this machine no mode is needed: run the command itself; or sign in with ssh',
    exit: EXIT.usage,
  },
  CLI_NOT_RUNNING: {
    kind: 'unavailable',
    message: 'the gateway is not running',
    hint: 'start it with: sallyport start',
    exit: EXIT.notRunning,
  },
} as const;

export const cliErrors = defineErrors(CLI_ERROR_TABLE);
