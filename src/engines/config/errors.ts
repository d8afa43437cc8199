import { defineErrors } from '../../kernel/index.ts';

export const configErrors = defineErrors({
  CONFIG_INVALID: {
    kind: 'config',
    message: '{summary}\n{text}',
    hint: 'Correct the keys above; docs/reference/settings.md lists every key with its default',
    exit: 2,
  },
  CONFIG_FILE_MISSING: {
    kind: 'config',
    message: 'the configuration file {file} does not exist',
    hint: 'Correct --config, or leave it out to start with the defaults',
    exit: 2,
  },
  CONFIG_FILE_UNREADABLE: {
    kind: 'config',
    message: 'the configuration file {file} cannot be read ({reason})',
    hint: 'It must be a text file of at most 1 MiB that the user who runs sallyport may read',
    exit: 2,
  },
});

/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** Key path as in the file, `egress.dns.ttlMin`, or the option, `--port-offset`. */
  readonly path: string;
  /** Line in the file, from 1; `undefined` for options. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly message: string;
  readonly hint: string | undefined;
}
