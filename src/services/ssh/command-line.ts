import { defineCommand, GatewayError, type Command, type Input, type Result } from '../../kernel/index.ts';
import {
  commandTree,
  failureOf,
  fullWords,
  helpResult,
  parseCommandLine,
  resultJson,
  resultText,
  SSH_MOUTH,
  wantsJson,
  wordsOf,
  type CommandNode,
  type Style,
} from '../../protocols/terminal/index.ts';
import type { LoginAnswer, SshControl } from './control.ts';
import { sshErrors } from './errors.ts';
import { shellCommands, type Shell } from './shell-commands.ts';

/** What a line ends with. */
export interface Answered {
  readonly out: string;
  readonly error: string;
  readonly exit: number;
}

/** A command that the line names, and what is asked of it. */
export interface Parsed {
  readonly command: Command;
  readonly input: Input;
}

export interface LineOptions {
  readonly control: SshControl;
  readonly login: LoginAnswer & { ok: true };
  readonly commandTimeMs: number;
  /** A line that was no command because of what it holds. */
  onRefused(what: LineRefused): void;
}

/** What a line holds that has no business in one: somebody takes this for a shell. */
export type LineRefused = 'shell-syntax' | 'control-character' | 'line-too-long';

const REFUSED: Readonly<Record<string, LineRefused>> = {
  CLI_SHELL_SYNTAX: 'shell-syntax',
  CLI_CONTROL_CHARACTER: 'control-character',
};

const helpCommand = defineCommand({
  words: 'help',
  summary: 'Explain the commands',
  positionals: [{ name: 'word', help: 'Words of a command', optional: true, rest: true }],
  options: {},
  role: 'read',
  where: 'shell',
  examples: ['help show'],
  // Answered by `CommandLines`, which has the tree.
  run: () => Promise.resolve({ document: {} }),
});

/** Lines of one user: from the text to the answer, without a terminal. */
export class CommandLines {
  readonly #options: LineOptions;
  #root: CommandNode | undefined;
  #readRoot: CommandNode | undefined;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** Every command that is offered over SSH, and those of the prompt. */
  async tree(): Promise<CommandNode> {
    this.#root ??= commandTree(await this.#all());
    return this.#root;
  }

  /** The same without what changes something. */
  async readTree(): Promise<CommandNode> {
    this.#readRoot ??= commandTree((await this.#all()).filter(({ role }) => role === 'read'));
    return this.#readRoot;
  }

  /**
   * Runs a line. `shell`: the prompt that it was typed at. `refuse` throws when the mode forbids the command,
   * `complete` asks for what is missing. Rejects never.
   */
  async run(
    line: string,
    style: Style,
    prompt?: {
      readonly shell: Shell;
      refuse(command: Command): void;
      complete(parsed: Parsed): Promise<Parsed>;
      stopped: Promise<void>;
    },
  ): Promise<Answered> {
    let json = false;
    try {
      const given = wordsOf(line);
      json = wantsJson(given);
      const root = await this.tree();
      // People may be short; a script says what it means, so that a later command cannot change it.
      const words = prompt === undefined ? given : fullWords(root, given);
      const parsed = parseCommandLine(root, words, '/', SSH_MOUTH);
      const result =
        parsed.kind === 'help'
          ? helpResult(root, parsed.words, SSH_MOUTH)
          : await this.#perform(root, parsed, prompt);
      const out = json ? resultJson(result) : resultText(result, style);
      return { out, error: '', exit: result.exit ?? 0 };
    } catch (error) {
      const what = error instanceof GatewayError ? REFUSED[error.code] : undefined;
      if (what !== undefined) this.#options.onRefused(what);
      const { text, exit } = failureOf(error, json, style, false);
      return { out: '', error: text, exit };
    }
  }

  async #all(): Promise<readonly Command[]> {
    // The commands of the prompt run with engines of another kind; here they are only named.
    return [...(await this.#options.control.commands()), ...shellCommands, helpCommand] as readonly Command[];
  }

  async #perform(
    root: CommandNode,
    parsed: Parsed,
    prompt: Parameters<CommandLines['run']>[2],
  ): Promise<Result> {
    const { command } = parsed;
    if (command === (helpCommand as Command)) return helpResult(root, parsed.input.rest, SSH_MOUTH);
    if (command.where === 'shell') {
      if (prompt === undefined) throw sshErrors.SSH_NO_PROMPT({ words: command.words });
      const io = { actor: this.#options.login.user, progress: () => undefined };
      // `shellCommands` are the only ones of that kind, and take a `Shell`.
      return (command as Command<unknown>).run(prompt.shell, parsed.input, io);
    }
    const { control, login, commandTimeMs } = this.#options;
    prompt?.refuse(command);
    const { input } = prompt === undefined ? parsed : await prompt.complete(parsed);
    const running = control.run(login.session, command.words, input, commandTimeMs);
    if (prompt === undefined) return running;
    const stopped = prompt.stopped.then(() => {
      throw sshErrors.SSH_STOPPED_WAITING({ words: command.words });
    });
    // Whichever comes second has nobody who listens.
    running.catch(() => undefined);
    stopped.catch(() => undefined);
    return Promise.race([running, stopped]);
  }
}
