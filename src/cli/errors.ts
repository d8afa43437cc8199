import { defineErrors, EXIT } from '../kernel/index.ts';

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
    hint: 'one of: {choices}. See sallyport help {words}',
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
  CLI_NOT_RUNNING: {
    kind: 'unavailable',
    message: 'the gateway is not running',
    hint: 'start it with: sallyport start',
    exit: EXIT.notRunning,
  },
} as const;

export const cliErrors = defineErrors(CLI_ERROR_TABLE);
