import type { Clock, Command, CommandIo, Input, MaybePromise, Result } from '../kernel/index.ts';
import type { Globals, TextOutput } from '../protocols/terminal/index.ts';

/** Where text goes. A pipe or file is not a terminal: no color, no truncation, no progress. */
export interface Output extends TextOutput {
  /** Never throws and never waits; text after the reader has gone is dropped. */
  write(text: string): void;
}

/** A parsed command as it goes to the gateway. `words` names the command: `feed import`. */
export interface CommandRequest {
  readonly words: string;
  readonly input: Input;
  readonly globals: Globals;
}

/** What the caller lends to a command that runs in this process. */
export interface LocalEngines {
  readonly engines: unknown;
  close(): MaybePromise<void>;
}

/** Everything that the command line needs from outside: the process and the gateway. */
export interface CliOptions {
  /** Without the program itself: `['show', 'ports']`. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  /** Every command of the gateway. Called once; may load only what `argv` needs. */
  commands(argv: readonly string[]): MaybePromise<readonly Command[]>;
  /** Runs a command in the running gateway; `undefined` when none runs on this data directory. */
  askGateway(request: CommandRequest, progress: CommandIo['progress']): Promise<Result | undefined>;
  /**
   * Engines of a command with `where` `here`, or `either` on a stopped gateway; closed after the run. A command
   * that answers long before it ends (`start`) calls `announce`: that is then its one answer.
   */
  openLocal(
    command: Command,
    globals: Globals,
    announce: (result: Result) => void,
  ): MaybePromise<LocalEngines>;
}
