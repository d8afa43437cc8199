import type { Option } from '../../kernel/index.ts';

/** Where lines come in: on the machine, or over SSH. */
export interface Mouth {
  /** What stands before the words of a command: `sallyport ` with its space, or nothing. */
  readonly program: string;
  /** Options that every command takes, at any place before `--`. */
  readonly globals: Readonly<Record<string, Option>>;
}

const json: Option = { help: 'Print one JSON document; errors too, on standard error' };
const help: Option = { help: 'Explain the command' };

/** `sallyport …` in a shell of the machine. */
export const CLI_MOUTH: Mouth = {
  program: 'sallyport ',
  globals: {
    json,
    help,
    config: { help: 'Configuration file', value: 'FILE', file: true },
    'data-dir': { help: 'Data directory of the gateway', value: 'DIR', file: true },
  },
};

/** The gateway's own prompt, and `ssh gateway …`. */
export const SSH_MOUTH: Mouth = { program: '', globals: { json, help } };
